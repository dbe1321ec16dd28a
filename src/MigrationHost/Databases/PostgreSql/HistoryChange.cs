namespace MigrationHost.Databases.PostgreSql;

/// <summary>
/// Finds out by its words whether a statement writes to the history, alters it or drops it. What a function, a DO block or a trigger
/// does is not seen here: <see cref="HistoryGuard"/> sees what came of it.
/// </summary>
internal sealed class HistoryChange
{
    private static readonly string[] Attached = ["TRIGGER", "RULE", "POLICY"];

    private static readonly string[] BeforeTable = ["TABLE", "FOREIGN", "ONLY", "IF", "NOT", "EXISTS"];

    private readonly PostgreSqlHistory _history;
    private readonly List<PostgreSqlWord> _words;

    private HistoryChange(PostgreSqlHistory history, List<PostgreSqlWord> words) => (_history, _words) = (history, words);

    /// <param name="statement">The statement.</param>
    /// <param name="history">The history: one of that name in another schema may be cleaned up.</param>
    public static bool IsIn(PostgreSqlStatement statement, PostgreSqlHistory history)
    {
        // Most statements of most scripts do not name it: their words are not looked for a second time.
        if (statement.Begins("DROP", "SCHEMA") || statement.Begins("ALTER", "SCHEMA"))
            return new HistoryChange(history, PostgreSqlSplitter.WordsOf(statement.Text)).DropsOrRenamesSchema();
        return statement.Text.Contains(history.TableName, StringComparison.OrdinalIgnoreCase)
            && new HistoryChange(history, PostgreSqlSplitter.WordsOf(statement.Text)).IsFound();
    }

    private bool IsFound()
    {
        for (var at = 0; at < _words.Count; at++)
        {
            if (Writes(at))
                return true;
        }
        return Begins(0, "ALTER") && ListHasHistory(2)
            || Begins(0, "DROP") && ListHasHistory(2)
            || Begins(0, "COPY") && ListHasHistory(1) && _words.Exists(word => word.Is("FROM"))
            || Begins(0, "CREATE") && IsAttached();
    }

    /// <summary>Whether a statement that writes to it begins here: also one in a WITH clause, behind EXPLAIN or PREPARE.</summary>
    private bool Writes(int at) =>
        (Begins(at, "INSERT", "INTO") || Begins(at, "MERGE", "INTO") || Begins(at, "DELETE", "FROM")) && ListHasHistory(at + 2, one: true)
        || Begins(at, "UPDATE") && ListHasHistory(at + 1, one: true)
        || Begins(at, "TRUNCATE") && ListHasHistory(at + 1);

    // CREATE TRIGGER … ON history, CREATE RULE … TO history, CREATE POLICY … ON history
    private bool IsAttached() =>
        _words.Take(5).Any(word => Array.Exists(Attached, word.Is))
        && Enumerable.Range(0, _words.Count).Any(at => (_words[at].Is("ON") || _words[at].Is("TO")) && ListHasHistory(at + 1, one: true));

    private bool DropsOrRenamesSchema()
    {
        if (Begins(0, "ALTER") && !Begins(3, "RENAME"))
            return false;
        var at = Skip(2);
        while (at < _words.Count)
        {
            if (_words[at].Name == _history.Schema)
                return true;
            if (!Begins(at + 1, ","))
                return false;
            at += 2;
        }
        return false;
    }

    /// <summary>Whether the list of tables that begins here has the history in it.</summary>
    private bool ListHasHistory(int at, bool one = false)
    {
        while (true)
        {
            at = Skip(at);
            var from = at;
            while (Begins(at + 1, "."))
                at += 2;
            if (at >= _words.Count)
                return false;
            if (_words[at].Name == _history.TableName && (at == from || _words[at - 2].Name == _history.Schema))
                return true;
            at += Begins(at + 1, "*") ? 2 : 1;
            if (one || !Begins(at, ","))
                return false;
            at++;
        }
    }

    private int Skip(int at)
    {
        while (at < _words.Count && Array.Exists(BeforeTable, _words[at].Is))
            at++;
        return at;
    }

    private bool Begins(int at, params ReadOnlySpan<string> keywords)
    {
        for (var i = 0; i < keywords.Length; i++)
        {
            if (at + i >= _words.Count || !_words[at + i].Is(keywords[i]))
                return false;
        }
        return true;
    }
}
