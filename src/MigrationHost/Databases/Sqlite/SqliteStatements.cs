using MigrationHost.Scripts;

namespace MigrationHost.Databases.Sqlite;

/// <summary>A script's statements as far as they are known without compiling them. SQLite's authorizer stays the last word on what they do.</summary>
internal sealed class SqliteStatements
{
    // As many as transaction control needs to be told from a savepoint's: ROLLBACK TRANSACTION TO SAVEPOINT.
    private const int WordsToRead = 4;

    private readonly Dictionary<int, int> _leftOut;

    private SqliteStatements(int count, Dictionary<int, int> leftOut, IReadOnlyList<MigrationError> refusals, IReadOnlyList<string> notes) =>
        (Count, _leftOut, Refusals, Notes) = (count, leftOut, refusals, notes);

    /// <summary>How many there are to run.</summary>
    public int Count { get; }

    /// <summary>What forbids to run the script.</summary>
    public IReadOnlyList<MigrationError> Refusals { get; }

    /// <summary>What is done otherwise than it says.</summary>
    public IReadOnlyList<string> Notes { get; }

    public static SqliteStatements Of(MigrationScript script, ScriptText text)
    {
        var ranges = SqliteSplitter.Split(text.Utf8);
        var (heads, line, counted) = (new List<StatementHead>(ranges.Count), 1, 0);
        foreach (var range in ranges)
        {
            line += text.Utf8[counted..range.Start.Value].Count((byte)'\n');
            counted = range.Start.Value;
            heads.Add(new StatementHead(line, SqliteSplitter.Words(text.Utf8[range], WordsToRead)));
        }

        var (leftOut, refused) = TransactionControl.Judge(heads, script.Header);
        var count = ranges.Count - leftOut.Count;
        return new SqliteStatements(
            count,
            leftOut.ToDictionary(i => ranges[i].Start.Value, i => ranges[i].End.Value),
            refused is { } at ? [ScriptFailure.At(script, heads[at].Line, text.Utf8[ranges[at]], TransactionControl.Refusal(heads[at].Words[0]), TransactionControl.Remedy(script.Header))] : [],
            ScriptReview.NotesOn(script.File, count, leftOut.Count));
    }

    /// <summary>Where a statement ends that is left out; null where none begins.</summary>
    /// <param name="start">Where it begins.</param>
    public int? EndOfLeftOut(int start) => _leftOut.TryGetValue(start, out var end) ? end : null;
}
