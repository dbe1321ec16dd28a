using System.Text;
using MigrationHost.Scripts;
using Npgsql;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>A script, cut into statements and checked for what only psql could do.</summary>
internal sealed class PostgreSqlScript
{
    private readonly Migration _script;

    private PostgreSqlScript(
        Migration script,
        List<PostgreSqlStatement> statements,
        PostgreSqlHistory history,
        List<MigrationError> problems)
    {
        _script = script;
        var (leftOut, refused) = TransactionControl.Judge([.. statements.Select(statement => statement.Head)], script.Header);
        All = leftOut.Count == 0
            ? statements
            : [.. statements.Where((_, i) => !leftOut.Contains(i)).Select((statement, i) => statement with { Number = i + 1 })];
        LeavesOut = leftOut.Count > 0;
        Refusals = [.. problems, .. statements.SelectMany((statement, i) => RefusalsOf(statement, i == refused, history))];
        Notes = ScriptReview.NotesOn(script.File, leftOut.Count);
    }

    public IReadOnlyList<PostgreSqlStatement> All { get; }

    /// <summary>Whether a plain pair around it is left out.</summary>
    public bool LeavesOut { get; }

    /// <summary>What it says that a server does not take, or that would break the run's promises.</summary>
    public IReadOnlyList<MigrationError> Refusals { get; }

    /// <summary>What is done otherwise than it says.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>Reads a script to run it.</summary>
    /// <inheritdoc cref="Parse"/>
    /// <exception cref="MigrationException">There are refusals.</exception>
    public static PostgreSqlScript Read(Migration script, ScriptText text, bool standardStrings, PostgreSqlHistory history)
    {
        var read = Parse(script, text, standardStrings, history);
        return read.Refusals is [var first, ..] ? throw new MigrationException(first) : read;
    }

    /// <param name="script">The script.</param>
    /// <param name="text">Its text.</param>
    /// <param name="standardStrings">The server's standard_conforming_strings.</param>
    /// <param name="history">The history, which it may not change.</param>
    public static PostgreSqlScript Parse(Migration script, ScriptText text, bool standardStrings, PostgreSqlHistory history)
    {
        var problems = new List<MigrationError>();
        var statements = PostgreSqlSplitter.Split(
            Encoding.UTF8.GetString(text.Utf8),
            (line, message, remedy) => problems.Add(ScriptFailure.At(script, line, default, message, remedy) with { Statement = null }),
            standardStrings);
        return new PostgreSqlScript(script, statements, history, problems);
    }

    /// <summary>
    /// What comes behind a statement that has changed the encoding, in whatever way, would be stored as other characters.
    /// </summary>
    /// <exception cref="MigrationException">It has.</exception>
    public void RefuseOtherEncoding(PostgreSqlStatement statement, PostgreSqlConnection work)
    {
        if (!work.SpeaksUtf8)
            throw Failed(statement, ScriptRefusals.ChangesEncoding, PostgreSqlEncoding.Remedy);
    }

    /// <summary>The server refused a statement: the line is the one it points at.</summary>
    public MigrationException Failed(PostgreSqlStatement statement, PostgresException refused, string? hint = null)
    {
        var offset = Math.Clamp(refused.Position - 1, 0, statement.Text.Length);
        var remedy = hint is null ? PostgreSqlErrors.HintFor(refused) : PostgreSqlErrors.Join(refused.Hint, hint);
        var line = statement.Line + statement.Text.AsSpan(0, offset).Count('\n');
        return new MigrationException(
            At(
                statement,
                line,
                PostgreSqlErrors.OfScript(refused, statement.Text.AsSpan(0, offset)),
                remedy,
                PostgreSqlErrors.Verbatim(refused)),
            refused);
    }

    /// <summary>A failure of one statement.</summary>
    public MigrationException Failed(PostgreSqlStatement statement, string message, string? hint) => new(At(statement, message, hint));

    /// <summary>A failure of the script as a whole.</summary>
    public MigrationException Failed(string message, string? hint) => new(ScriptFailure.Of(_script, message, hint));

    private IEnumerable<MigrationError> RefusalsOf(PostgreSqlStatement statement, bool controlsTransaction, PostgreSqlHistory history)
    {
        if (controlsTransaction)
            yield return At(statement, TransactionControl.Refusal(statement.Words[0].Text), TransactionControl.Remedy(_script.Header));
        if (ScriptRefusals.Of(statement, history) is var (message, remedy))
            yield return At(statement, message, remedy);
    }

    private MigrationError At(PostgreSqlStatement statement, string message, string? hint) => At(statement, statement.Line, message, hint);

    private MigrationError At(PostgreSqlStatement statement, int line, string message, string? hint, string? verbatim = null) =>
        ScriptFailure.At(_script, line, Encoding.UTF8.GetBytes(statement.Text), message, hint, verbatim);
}
