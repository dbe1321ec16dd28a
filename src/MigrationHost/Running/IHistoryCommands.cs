using MigrationHost.Scripts;

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

    /// <summary>Writes what a run would do as a script for the database's own client. Changes nothing.</summary>
    /// <param name="watch">The watch over this run.</param>
    /// <param name="from">The version behind which it begins, <c>nothing</c> for everything; null for what is pending.</param>
    /// <param name="to">The last version; null for all.</param>
    /// <exception cref="MigrationException">There is no such version, or what is to run is refused.</exception>
    Task<WrittenScript> ScriptAsync(Watch watch, string? from, string? to);

    /// <summary>Undoes migrations, the last one first.</summary>
    /// <param name="watch">The watch over this run.</param>
    /// <param name="to">The version above which everything is undone, <c>nothing</c> for all; null for the last one only.</param>
    /// <param name="dryRun">Whether only to look.</param>
    /// <param name="undone">Is told of each that is undone.</param>
    /// <returns>The scripts that undo, in the order in which they run.</returns>
    /// <exception cref="MigrationException">One has no part that undoes it: nothing was touched. Or one failed.</exception>
    Task<IReadOnlyList<Migration>> DownAsync(Watch watch, string? to, bool dryRun, Action<Migration> undone);

    /// <summary>Records everything up to a version as applied without running it.</summary>
    /// <param name="watch">The watch over this run.</param>
    /// <param name="version">The last migration that the database has already.</param>
    /// <param name="dryRun">Whether only to look.</param>
    /// <exception cref="MigrationException">There is a history already, or no such version, or the database cannot be written.</exception>
    Task BaselineAsync(Watch watch, string version, bool dryRun);
}
