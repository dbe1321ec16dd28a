namespace MigrationHost.Running;

/// <summary>What can be done only where MigrationHost applies the migrations itself.</summary>
internal interface IHistoryCommands
{
    /// <summary>Settles what the history says of a migration.</summary>
    /// <param name="watch">The watch over this run.</param>
    /// <param name="version">The migration.</param>
    /// <param name="how">What is to be true of it from now on.</param>
    /// <returns>What was settled.</returns>
    /// <exception cref="MigrationException">There is nothing to settle, or the database cannot be written.</exception>
    Task<Settled> ResolveAsync(Watch watch, string version, Settlement how);

    /// <summary>Writes the files of the next migration. Touches no database.</summary>
    /// <param name="watch">The watch over this run.</param>
    /// <param name="title">What the migration is to do, in words.</param>
    /// <returns>The paths, as the folder is configured; the first is the file to write in.</returns>
    /// <exception cref="MigrationException">They cannot be written, or something else makes them.</exception>
    IReadOnlyList<string> Add(Watch watch, string title);

    /// <summary>Records everything up to a version as applied without running it.</summary>
    /// <param name="watch">The watch over this run.</param>
    /// <param name="version">The last migration that the database has already.</param>
    /// <param name="dryRun">Whether only to look.</param>
    /// <exception cref="MigrationException">There is a history already, or no such version, or the database cannot be written.</exception>
    Task BaselineAsync(Watch watch, string version, bool dryRun);
}
