using MigrationHost.Scripts;

namespace MigrationHost.Databases;

/// <summary>A script under way that does not run in one transaction. Disposing it leaves none of it behind in the session.</summary>
/// <remarks>
/// What comes in which order, what is recorded of it and how it is resumed is the same for every database, and decided above.
/// </remarks>
internal interface IStatementRun : IAsyncDisposable
{
    /// <summary>All its statements.</summary>
    IReadOnlyList<IScriptStatement> Statements { get; }

    /// <summary>
    /// Goes behind the first statements, which an earlier run has done. What they said to their own
    /// session is said again: it is gone with the session.
    /// </summary>
    /// <exception cref="MigrationException">A setting was refused.</exception>
    ValueTask<StatementResult> SkipAsync(int count, CancellationToken cancellationToken);

    /// <summary>Runs a statement in a transaction, together with the record that it is done.</summary>
    /// <param name="statement">The statement.</param>
    /// <param name="before">What the history says until then.</param>
    /// <param name="done">What it says afterwards.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="MigrationException">It failed.</exception>
    ValueTask<StatementResult> RunInTransactionAsync(
        IScriptStatement statement,
        HistoryEntry before,
        HistoryEntry done,
        CancellationToken cancellationToken);

    /// <summary>Runs a statement outside any transaction.</summary>
    /// <param name="statement">The statement.</param>
    /// <param name="begunBefore">Whether a run that was ended had begun it already.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="MigrationException">It failed, and may have left something.</exception>
    ValueTask<StatementResult> RunAloneAsync(IScriptStatement statement, bool begunBefore, CancellationToken cancellationToken);

    /// <summary>Records how far the script is.</summary>
    /// <inheritdoc cref="RunInTransactionAsync"/>
    ValueTask<StatementResult> RecordAsync(HistoryEntry before, HistoryEntry done, CancellationToken cancellationToken);

    /// <summary>Looks at what can only be seen once every statement is done.</summary>
    /// <exception cref="MigrationException">Something is wrong with it.</exception>
    ValueTask FinishAsync(CancellationToken cancellationToken);
}
