using MigrationHost.Scripts;

namespace MigrationHost.Databases;

/// <summary>
/// A transaction in which migrations and their history rows commit together. Disposing it without a commit rolls everything back.
/// </summary>
internal interface IMigrationTransaction : IAsyncDisposable
{
    /// <summary>What the history says of the migration that it was begun for, read under the lock.</summary>
    IReadOnlyList<HistoryEntry> Known { get; }

    /// <summary>Whether a rollback takes back all that a script does. Runs none of it.</summary>
    ValueTask<bool> CanRollBackAsync(Migration script, ScriptText text, CancellationToken cancellationToken) => new(true);

    /// <summary>Runs all statements of a script.</summary>
    /// <exception cref="MigrationException">A statement failed.</exception>
    ValueTask<ScriptResult> ExecuteAsync(Migration script, ScriptText text, CancellationToken cancellationToken);

    /// <summary>
    /// Writes a history row, in place of the one this version may have: with the commit, at the latest. Called once for each version.
    /// </summary>
    ValueTask RecordAsync(HistoryEntry entry, CancellationToken cancellationToken);

    /// <summary>Puts another checksum into the history row of an applied version, and leaves the rest of it: with the commit, at the
    /// latest.</summary>
    ValueTask CorrectAsync(HistoryEntry entry, CancellationToken cancellationToken);

    /// <summary>Removes the history row of a version: with the commit, at the latest.</summary>
    ValueTask ForgetAsync(string version, CancellationToken cancellationToken);

    /// <summary>
    /// Tries to commit, for as long as one attempt may take. False: another lock was in the way, and all has to be begun anew.
    /// </summary>
    ValueTask<bool> TryCommitAsync(CancellationToken cancellationToken);
}
