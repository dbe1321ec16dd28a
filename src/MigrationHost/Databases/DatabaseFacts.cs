using MigrationHost.Scripts;

namespace MigrationHost.Databases;

/// <summary>What is so of every database of a kind, and the words for it.</summary>
internal sealed record DatabaseFacts
{
    /// <summary>How it writes and reads SQL; null if no script is run on it.</summary>
    public SqlDialect? Dialect { get; init; }

    /// <inheritdoc cref="SqlDialect.RecordsWhatBegins"/>
    public bool RecordsWhatBegins => Dialect is { RecordsWhatBegins: true };

    /// <summary>
    /// Whether a whole script can be rolled back. If a statement that changes the schema commits by
    /// itself, every script runs statement by statement.
    /// </summary>
    public required bool TransactionalDdl { get; init; }

    /// <summary>Whether a script can be rolled back all the same: it changes no schema. Null if none is looked at.</summary>
    public Func<ScriptText, bool>? FitsTransaction { get; init; }

    /// <summary>What is waited for before a transaction can begin that writes, in words.</summary>
    public required string ToWrite { get; init; }

    /// <summary>What is waited for before something can be read, in words.</summary>
    public required string ToRead { get; init; }

    /// <summary>Whether a script runs in one transaction with its row in the history.</summary>
    public bool RunsInTransaction(Migration script, ScriptText text) =>
        !script.Header.WithoutTransaction && (TransactionalDdl || FitsTransaction?.Invoke(text) is true);
}
