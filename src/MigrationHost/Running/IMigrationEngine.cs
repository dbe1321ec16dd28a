using MigrationHost.Databases;

namespace MigrationHost.Running;

/// <summary>Takes one database to its target.</summary>
internal interface IMigrationEngine
{
    /// <summary>Migrates, and returns once the result was read back. Everything it waits for and works on is under the watch.</summary>
    /// <exception cref="MigrationException">The target was not reached.</exception>
    /// <exception cref="OperationCanceledException">The watch's token was cancelled.</exception>
    Task MigrateAsync(Watch watch, string? target);

    /// <summary>Finds out what is applied and pending, and changes nothing.</summary>
    /// <returns>Whether something is pending up to the target.</returns>
    /// <exception cref="MigrationException">Files and history disagree, or the database cannot be read.</exception>
    Task<bool> InspectAsync(Watch watch, string? target);

    /// <summary>Looks for everything that is wrong with the migrations, and changes nothing. What is pending is not wrong.</summary>
    /// <exception cref="MigrationException">Something is wrong: all of it is in the error.</exception>
    Task ValidateAsync(Watch watch) => InspectAsync(watch, null);

    /// <summary>What can be done only where MigrationHost applies the migrations itself; null where a tool does.</summary>
    IHistoryCommands? OnHistory => null;

    /// <summary>Who applies the migrations otherwise, and what to use there in place of a command.</summary>
    /// <param name="command">A command that needs <see cref="OnHistory"/>.</param>
    (string Tool, string Hint) Instead(string command) => throw new NotSupportedException(command);

    /// <summary>The checks of <c>doctor</c> on what is to be applied. Touches no database.</summary>
    IEnumerable<DoctorCheck> Check();

    /// <summary>What <see cref="InspectAsync"/> has found besides, for <c>doctor</c>.</summary>
    IEnumerable<DoctorCheck> CheckFound() => [];

    /// <summary>Reads back what has become of a migration whose run has ended in the middle of it, and shows that.</summary>
    /// <param name="state">Where to show what is applied now.</param>
    /// <param name="version">The migration.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    /// <returns>What has become of it; null if the engine says that itself.</returns>
    Task<Consequence?> AftermathAsync(AttemptState state, string version, CancellationToken cancellationToken) =>
        Task.FromResult<Consequence?>(null);

    /// <summary>The checks of <c>doctor</c> for which something has to be run. Touches no database.</summary>
    Task<IReadOnlyList<DoctorCheck>> CheckToolAsync(Watch watch) => Task.FromResult<IReadOnlyList<DoctorCheck>>([]);

    /// <summary>What is wrong with the form of a target; null if it may name one.</summary>
    string? TargetProblem(string target) => null;

    /// <summary>What is wrong with the form of a migration's version; null if it may be one.</summary>
    string? VersionProblem(string version) => null;
}
