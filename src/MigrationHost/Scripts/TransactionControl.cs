namespace MigrationHost.Scripts;

/// <summary>Decides what of a script's own transaction control is left out, and what is refused.</summary>
internal static class TransactionControl
{
    /// <summary>In a note and in a refusal: why a script need not control the transaction.</summary>
    public const string Ours = "MigrationHost opens and commits the transaction itself";

    /// <summary>What begins with one of these controls the transaction, whatever follows. Other statements do with some.</summary>
    public static readonly string[] Keywords = ["BEGIN", "START", "COMMIT", "END", "ABORT"];

    /// <summary>Words that may follow BEGIN, COMMIT and END and change nothing.</summary>
    private static readonly string[] Noise = ["TRANSACTION", "WORK"];

    /// <summary>Whether a statement begins or ends a transaction; not what only names a savepoint.</summary>
    public static bool Controls(StatementHead statement) =>
        statement.Words.Count > 0
        && (Array.Exists(Keywords, keyword => statement.Begins(keyword))
            || statement.Begins("ROLLBACK") && !statement.Has("TO")
            || statement.Begins("PREPARE", "TRANSACTION")
            || statement.Begins("SET", "SESSION", "CHARACTERISTICS"));

    /// <summary>Whether a statement sets, releases or returns to a savepoint, which ends with the transaction that it is in.</summary>
    public static bool NamesSavepoint(StatementHead statement) =>
        statement.Begins("SAVEPOINT") || statement.Begins("RELEASE") || statement.Begins("ROLLBACK");

    /// <summary>One plain pair around a whole script says what happens anyway: it is left out. Everything else is refused.</summary>
    /// <param name="statements">All statements of a script.</param>
    /// <param name="header">What the script asks of the session.</param>
    /// <returns>Which statements, counted from 0, are left out, or the first that is refused.</returns>
    public static (IReadOnlyList<int> LeftOut, int? Refused) Judge(IReadOnlyList<StatementHead> statements, ScriptHeader header)
    {
        var found = new List<int>();
        for (var i = 0; i < statements.Count; i++)
        {
            if (Controls(statements[i]) || header.WithoutTransaction && NamesSavepoint(statements[i]))
                found.Add(i);
        }
        if (found.Count == 0)
            return ([], null);
        return !header.WithoutTransaction && found is [var first, var last] && Opens(statements[first]) && Closes(statements[last])
            && statements.Take(first).Concat(statements.Skip(last + 1)).All(MayStandOutside)
            ? (found, null)
            : ([], found[0]);
    }

    /// <summary>Why a statement is refused.</summary>
    /// <param name="keyword">Its first word.</param>
    public static string Refusal(string keyword) =>
        $"must not contain {keyword.ToUpperInvariant()}: {Ours}, with the migration's row in the history";

    /// <summary>What to do about it.</summary>
    public static string Remedy(ScriptHeader header) => header.WithoutTransaction
        ? "Remove it: under transaction=none each statement is committed with the record that it is done."
        : "Remove it. What cannot run in a transaction belongs in a migration of its own whose first line is: "
            + "-- migrationhost: transaction=none";

    private static bool Opens(StatementHead statement) =>
        IsPlain(statement, "BEGIN") || statement.Begins("START", "TRANSACTION") && statement.Words.Count == 2;

    private static bool Closes(StatementHead statement) => IsPlain(statement, "COMMIT") || IsPlain(statement, "END");

    private static bool IsPlain(StatementHead statement, string keyword) =>
        statement.Begins(keyword) && (statement.Words.Count == 1 || statement.Words.Count == 2 && Array.Exists(Noise, statement.Has));

    // Foreign keys are off while a script runs, whatever it says about them in the transaction.
    private static bool MayStandOutside(StatementHead statement) =>
        statement.Begins("PRAGMA", "foreign_keys") || statement.Begins("PRAGMA", "main", "foreign_keys");
}
