using MigrationHost.Scripts;
using MySqlConnector;

namespace MigrationHost.Databases.MySql;

/// <summary>
/// Tables that keep what was written to them also if it is rolled back: Aria, MyISAM and their like. A statement that writes to one is
/// recorded before it begins, as one that commits by itself: it must not run once more by itself.
/// docs/decisions/0045-tables-without-transactions.md.
/// </summary>
/// <param name="session">The session that asks, and its database.</param>
/// <param name="script">The script.</param>
internal sealed class TablesWithoutTransactions(MySqlSession session, MySqlScript script)
{
    /// <summary>So much earlier than the whole run is given up, so that it is known what is left behind.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(1);

    private static readonly string[] Writing = ["INSERT", "REPLACE", "UPDATE", "DELETE", "LOAD"];
    private static readonly string[] Source = ["SELECT", "SET", "VALUES", "VALUE", "WHERE"];

    /// <summary>The databases that are looked into: more than are written to, since an alias is written as one is.</summary>
    private readonly HashSet<string> _schemas =
    [
        session.Database.Schema,
        .. script.All.SelectMany(statement => statement.Begins("USE") ? [statement.Words[^1].Text] : QualifiersIn(NamesIn(statement))),
    ];

    /// <summary>Of each name that was asked about: the table of that name, if it is such a one, and the names that a write to it leads
    /// to.</summary>
    private readonly Dictionary<string, (string? Table, IReadOnlyList<string> LeadsTo)> _known = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>How long a statement that writes to one may wait for a lock: there is no second attempt.</summary>
    public static TimeSpan Patience(IRunProgress progress) => progress.LockLeft - Margin;

    /// <summary>The first of these tables that statements write to: by name, or through a trigger, a view or a function. Null if there is
    /// none.</summary>
    public async Task<string?> FindAsync(IEnumerable<MySqlStatement> statements, CancellationToken cancellationToken)
    {
        var names = statements.SelectMany(NamesOf).ToHashSet(StringComparer.OrdinalIgnoreCase);
        for (var next = names.ToList(); next.Count > 0;)
        {
            if (next.FindAll(name => !_known.ContainsKey(name)) is { Count: > 0 } unknown)
                await AskAsync(unknown, cancellationToken).ConfigureAwait(false);
            if (next.ConvertAll(name => _known[name].Table).Find(table => table is not null) is { } found)
                return found;
            next = [.. next.SelectMany(name => _known[name].LeadsTo).Where(names.Add)];
        }
        return null;
    }

    /// <summary>DDL may have made or changed some.</summary>
    public void Forget() => _known.Clear();

    /// <summary>A script was refused, and what it has written to such a table stays: one that it names nowhere.</summary>
    public static MigrationException Stays(Migration script, MySqlException cause, string? why = null) => new(
        ScriptFailure.Of(
            script,
            $"{why ?? cause.Message.TrimEnd('.')}; what the script has written to a table without transactions "
                + "cannot be rolled back, so it is not run once more by itself",
            "Remove what it has written to that table, see that nobody holds the lock, and start again. "
                + $"Or do the rest by hand and run 'migrationhost resolve {script.Version} --applied'. "
                + "ALTER TABLE … ENGINE=InnoDB gives a table transactions."),
        cause);

    // What it writes to, and the functions that it runs.
    private static IEnumerable<string> NamesOf(MySqlStatement statement) =>
        statement.Begins("CREATE") ? [] : statement.Calls.Concat(WrittenBy(NamesIn(statement)));

    private static IEnumerable<MySqlWord> NamesIn(MySqlStatement statement) =>
        Array.Exists(Writing, word => statement.Begins(word)) ? statement.Words.TakeWhile(IsNotSource) : [];

    private static IEnumerable<string> QualifiersIn(IEnumerable<MySqlWord> words) =>
        words.Zip(words.Skip(1)).Where(two => two.Second.Is(".")).Select(two => two.First.Text);

    // A function or a trigger may have several statements, each with its own source.
    private static IEnumerable<string> WrittenBy(IEnumerable<MySqlWord> words)
    {
        var writes = false;
        foreach (var word in words)
        {
            writes = writes ? IsNotSource(word) : Array.Exists(Writing, word.Is);
            if (writes && word.Text is not ("." or "," or "="))
                yield return word.Text;
        }
    }

    private static bool IsNotSource(MySqlWord word) => !Array.Exists(Source, word.Is);

    private async Task AskAsync(List<string> names, CancellationToken cancellationToken)
    {
        var list = string.Join(", ", names.Select(MySqlText.Literal));
        var found = await session.Work.QueryAsync(
            string.Join(" UNION ALL ", _schemas.Select(schema => Question(MySqlText.Literal(schema), list))),
            row => (Name: row.GetString(0), IsTable: row.GetInt32(1) == 1, Text: row.IsDBNull(2) ? "" : row.GetString(2)),
            cancellationToken).ConfigureAwait(false);
        foreach (var name in names)
        {
            var ofName = found.FindAll(one => one.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
            _known[name] = (ofName.Find(one => one.IsTable).Name, [.. ofName.SelectMany(one => LeadsTo(one.Text))]);
        }
    }

    // The server looks at one database alone if it is told so, not in a list. What a view is from, a join in brackets too, is what a write
    // to it writes to.
    private static string Question(string schema, string names) =>
        $"""
        SELECT table_name, 1, NULL FROM information_schema.tables
        WHERE table_schema = {schema} AND table_name IN ({names}) AND table_type = 'BASE TABLE'
        AND engine IN (SELECT engine FROM information_schema.engines WHERE transactions = 'NO')
        UNION ALL SELECT event_object_table, 0, action_statement FROM information_schema.triggers
        WHERE event_object_schema = {schema} AND event_object_table IN ({names})
        UNION ALL SELECT table_name, 0, CONCAT('UPDATE ', REPLACE(SUBSTRING(view_definition, LOCATE(' from ', view_definition)), '(', ' '))
        FROM information_schema.views WHERE table_schema = {schema} AND table_name IN ({names})
        UNION ALL SELECT routine_name, 0, routine_definition FROM information_schema.routines
        WHERE routine_schema = {schema} AND routine_type = 'FUNCTION' AND routine_name IN ({names})
        """;

    private IEnumerable<string> LeadsTo(string text)
    {
        var statements = MySqlSplitter.Split(text, session.Work.Server.HasBackslashEscapes, (_, _, _) => { });
        _schemas.UnionWith(statements.SelectMany(statement => QualifiersIn(statement.Words)));
        return statements.SelectMany(statement => statement.Calls.Concat(WrittenBy(statement.Words)));
    }
}
