using System.Collections;
using MigrationHost.Scripts;

namespace MigrationHost.Databases.Sqlite;

/// <summary>
/// A script's statements as far as they are known without compiling them. SQLite's authorizer stays the last word on what they do.
/// </summary>
internal sealed class SqliteStatements
{
    // A dump has a hundred thousand INSERTs: their words need not be read.
    private static readonly string[] Keywords =
        [.. TransactionControl.Keywords, "ROLLBACK", "SAVEPOINT", "RELEASE", "PREPARE", "SET", "PRAGMA"];

    private static readonly string FirstLetters = string.Concat(Keywords.Select(keyword => keyword[0]).Distinct());

    private static readonly StatementHead OfNoMatter = new(0, []);

    private readonly Dictionary<int, int> _leftOut;

    private SqliteStatements(string file, List<Range> all, Dictionary<int, int> leftOut, MigrationError? refusal)
    {
        _leftOut = leftOut;
        Ranges = leftOut.Count == 0 ? all : [.. all.Where(range => !leftOut.ContainsKey(range.Start.Value))];
        Refusals = refusal is null ? [] : [refusal];
        Notes = ScriptReview.NotesOn(file, leftOut.Count);
    }

    /// <summary>Where those are that must run.</summary>
    public IReadOnlyList<Range> Ranges { get; }

    /// <summary>How many must run.</summary>
    public int Count => Ranges.Count;

    /// <summary>Whether a plain pair around the script is left out.</summary>
    public bool LeavesOut => _leftOut.Count > 0;

    /// <summary>What forbids to run the script.</summary>
    public IReadOnlyList<MigrationError> Refusals { get; }

    /// <summary>What is done otherwise than it says.</summary>
    public IReadOnlyList<string> Notes { get; }

    public static SqliteStatements Of(Migration script, ScriptText text) => text.Once(() => FindIn(script, text));

    /// <summary>Where a statement ends that is left out; null if none begins.</summary>
    /// <param name="start">Where it begins.</param>
    public int? EndOfLeftOut(int start) => _leftOut.TryGetValue(start, out var end) ? end : null;

    private static SqliteStatements FindIn(Migration script, ScriptText text)
    {
        var ranges = SqliteSplitter.Split(text.Utf8);
        var (known, line, counted) = (new Dictionary<int, StatementHead>(), 1, 0);
        for (var i = 0; i < ranges.Count; i++)
        {
            var range = ranges[i];
            if (!MayMatter(text.Utf8[range]))
                continue;
            line += text.Utf8[counted..range.Start.Value].Count((byte)'\n');
            counted = range.Start.Value;
            known.Add(i, new StatementHead(line, SqliteSplitter.Words(text.Utf8[range], StatementHead.Enough)));
        }

        var heads = new Heads(ranges.Count, known);
        var (leftOut, refused) = TransactionControl.Judge(heads, script.Header);
        return new SqliteStatements(
            script.File,
            ranges,
            leftOut.ToDictionary(i => ranges[i].Start.Value, i => ranges[i].End.Value),
            refused is { } at ? Refusal(script, heads[at], text.Utf8[ranges[at]]) : null);
    }

    private static bool MayMatter(ReadOnlySpan<byte> statement)
    {
        if (!FirstLetters.Contains((char)(statement[0] & 0xDF), StringComparison.Ordinal))
            return false;
        foreach (var keyword in Keywords)
        {
            if (SqlText.BeginsWith(statement, keyword))
                return true;
        }
        return false;
    }

    private static MigrationError Refusal(Migration script, StatementHead head, ReadOnlySpan<byte> statement) =>
        ScriptFailure.At(script, head.Line, statement, TransactionControl.Refusal(head.Words[0]), TransactionControl.Remedy(script.Header));

    /// <summary>Of a hundred thousand statements those few that matter.</summary>
    private sealed class Heads(int count, Dictionary<int, StatementHead> known) : IReadOnlyList<StatementHead>
    {
        public int Count => count;

        public StatementHead this[int index] => known.GetValueOrDefault(index, OfNoMatter);

        public IEnumerator<StatementHead> GetEnumerator() => Enumerable.Range(0, count).Select(index => this[index]).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
