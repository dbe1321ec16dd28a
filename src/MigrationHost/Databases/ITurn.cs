using MigrationHost.Scripts;

namespace MigrationHost.Databases;

/// <summary>The right to migrate, for the length of a run. It is not tied to one migration or one transaction. Disposing it hands it on.</summary>
internal interface ITurn : IAsyncDisposable
{
    /// <summary>Tries to begin a transaction that migrations can be applied in.</summary>
    /// <param name="version">The migration that it is for.</param>
    /// <param name="header">What the script asks of the session.</param>
    /// <param name="cancellationToken">Ends the try.</param>
    /// <returns>The transaction; null where somebody else's lock is in the way.</returns>
    ValueTask<IMigrationTransaction?> TryBeginAsync(string version, ScriptHeader header, CancellationToken cancellationToken);

    /// <summary>Prepares to run a script statement by statement, in a session as it is after connecting.</summary>
    /// <exception cref="MigrationException">The script cannot be run.</exception>
    ValueTask<IStatementRun> BeginStatementsAsync(Migration script, ScriptText text, CancellationToken cancellationToken);
}
