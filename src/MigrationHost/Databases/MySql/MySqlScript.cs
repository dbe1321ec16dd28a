using System.Text;
using MigrationHost.Scripts;
using MySqlConnector;

namespace MigrationHost.Databases.MySql;

/// <summary>A script, cut into statements and checked for what would break the run's promises.</summary>
internal sealed class MySqlScript
{
    private readonly Migration _script;

    private MySqlScript(
        Migration script, List<MySqlStatement> statements, MySqlRefusals rules, List<MigrationError> problems, bool oneByOne)
    {
        _script = script;
        var (leftOut, refused) = TransactionControl.Judge([.. statements.Select(HeadOf)], script.Header);
        All = leftOut.Count == 0
            ? statements
            : [.. statements.Where((_, i) => !leftOut.Contains(i)).Select((statement, i) => statement with { Number = i + 1 })];
        LeavesOut = leftOut.Count > 0;
        oneByOne |= script.Header.WithoutTransaction || statements.Exists(statement => statement.NeedsNoTransaction);
        Refusals = [.. problems, .. statements.SelectMany((statement, i) => RefusalsOf(statement, i == refused, oneByOne, rules))];
        Notes = ScriptReview.NotesOn(script.File, leftOut.Count);
    }

    public IReadOnlyList<MySqlStatement> All { get; }

    /// <summary>Whether a plain pair around it is left out.</summary>
    public bool LeavesOut { get; }

    /// <summary>What it says that a server does not take, or that would break the run's promises.</summary>
    public IReadOnlyList<MigrationError> Refusals { get; }

    /// <summary>What is done otherwise than it says.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>Whether none of its statements commits by itself: then it is one transaction with its row in the history.</summary>
    public static bool FitsTransaction(ScriptText text, bool escapes) =>
        MySqlSplitter.Split(Encoding.UTF8.GetString(text.Utf8), escapes, (_, _, _) => { })
            .TrueForAll(statement => !statement.NeedsNoTransaction);

    /// <summary>Reads a script to run it.</summary>
    /// <inheritdoc cref="Parse"/>
    /// <exception cref="MigrationException">There are refusals.</exception>
    public static MySqlScript Read(Migration script, ScriptText text, bool escapes, MySqlRefusals rules, bool oneByOne = false)
    {
        var read = Parse(script, text, escapes, rules, oneByOne);
        return read.Refusals is [var first, ..] ? throw new MigrationException(first) : read;
    }

    /// <param name="script">The script.</param>
    /// <param name="text">Its text.</param>
    /// <param name="escapes">Whether a backslash escapes in strings.</param>
    /// <param name="rules">What it may not contain.</param>
    /// <param name="oneByOne">Whether it runs statement by statement although its text does not ask for it.</param>
    public static MySqlScript Parse(Migration script, ScriptText text, bool escapes, MySqlRefusals rules, bool oneByOne = false)
    {
        var problems = new List<MigrationError>();
        var statements = MySqlSplitter.Split(
            Encoding.UTF8.GetString(text.Utf8),
            escapes,
            (line, message, remedy) => problems.Add(ScriptFailure.At(script, line, default, message, remedy) with { Statement = null }),
            script.IsForServer);
        return new MySqlScript(script, statements, rules, problems, oneByOne);
    }

    /// <summary>The server refused a statement.</summary>
    public MigrationException Failed(MySqlStatement statement, MySqlException refused, string? hint = null) =>
        new(
            At(
                statement,
                MySqlErrors.OfScript(refused.Number, refused.Message, statement.Text),
                Join(MySqlErrors.HintFor(refused), hint),
                refused.Message),
            refused);

    /// <summary>A failure of one statement.</summary>
    public MigrationException Failed(MySqlStatement statement, string message, string? hint) => new(At(statement, message, hint));

    private static string? Join(string? first, string? then) => first is null ? then : $"{first} {then}".TrimEnd();

    // A block outside a routine controls nothing, although it begins with BEGIN.
    private static StatementHead HeadOf(MySqlStatement statement) =>
        statement.HasBody || statement.NeedsNoTransaction && statement.Begins("START")
            ? statement.Head with { Words = ["DO"] }
            : statement.Head;

    private IEnumerable<MigrationError> RefusalsOf(
        MySqlStatement statement, bool controlsTransaction, bool oneByOne, MySqlRefusals rules)
    {
        if (controlsTransaction)
            yield return At(statement, TransactionControl.Refusal(statement.Words[0].Text), TransactionControl.Remedy(_script.Header));
        else if (rules.Of(statement) is var (message, remedy))
            yield return At(statement, message, remedy);
        else if (oneByOne && statement.UsesTheOneBefore)
        {
            yield return At(
                statement,
                "uses what the server says of the statement before it, and behind each one of this script its record is written",
                "Count with SELECT count(*), or write both statements into a migration without DDL and without tables that have no "
                    + "transactions, which is one transaction.");
        }
    }

    private MigrationError At(MySqlStatement statement, string message, string? hint, string? verbatim = null) =>
        ScriptFailure.At(_script, statement.Line, Encoding.UTF8.GetBytes(statement.Text), message, hint, verbatim);
}
