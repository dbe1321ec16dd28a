using MigrationHost.Scripts;

namespace MigrationHost.Databases;

/// <summary>
/// An open database. Everything that can be refused is tried once and never waited for. Disposing it releases all it has.
/// </summary>
/// <remarks>Its methods, and those of what it gives out, throw <see cref="ConnectionLostException"/> if the server goes away.</remarks>
internal interface IDatabaseSession : IAsyncDisposable
{
    /// <summary>Reads the history; empty if there is none. Null: a lock keeps readers out right now.</summary>
    ValueTask<IReadOnlyCollection<HistoryEntry>?> TryReadHistoryAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Reads what the schema that has our history, or will have it, holds besides: tables and views that belong neither to us, nor to the
    /// database itself, nor to an extension. Null: a lock keeps readers out right now.
    /// </summary>
    /// <param name="everywhere">Names of tables that are looked for in every schema.</param>
    /// <param name="cancellationToken">Ends the try.</param>
    ValueTask<IReadOnlyList<ExistingTable>?> TryReadTablesAsync(
        IReadOnlyCollection<string> everywhere,
        CancellationToken cancellationToken);

    /// <summary>Looks through a script's text for what will not be run. Touches no database.</summary>
    ScriptReview Review(Migration script, ScriptText text);

    /// <summary>How to write for the database's own command-line client.</summary>
    ClientScript ForClient { get; }

    /// <summary>Tries to take the turn: the right, among all instances of ours, to migrate this database.</summary>
    /// <param name="progress">Is told what happens during the turn, and says what to show to those who wait for it.</param>
    /// <param name="cancellationToken">Ends the try.</param>
    ValueTask<TurnAttempt> TryTakeTurnAsync(IRunProgress progress, CancellationToken cancellationToken);
}
