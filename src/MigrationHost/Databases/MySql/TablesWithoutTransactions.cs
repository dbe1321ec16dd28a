using System.Globalization;
using MigrationHost.Scripts;

namespace MigrationHost.Databases.MySql;

/// <summary>
/// Tables that keep what was written to them also if it is rolled back: Aria, MyISAM and their like. What has written to one must not be
/// run once more by itself.
/// </summary>
/// <param name="session">The session that asks, and its database.</param>
internal sealed class TablesWithoutTransactions(MySqlSession session)
{
    /// <summary>So much earlier than the whole run is given up, so that it is known what is left behind.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(1);

    private static readonly string[] Writing = ["INSERT", "REPLACE", "UPDATE", "DELETE", "LOAD"];
    private static readonly string[] Source = ["SELECT", "SET", "VALUES", "VALUE", "WHERE"];

    private readonly Dictionary<string, string?> _known = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>How long a statement that writes to one may wait for a lock: there is no second attempt.</summary>
    public static TimeSpan Patience(IRunProgress progress) => progress.LockLeft - Margin;

    /// <summary>The first of these tables that statements write to by name; null if there is none.</summary>
    public async Task<string?> FindAsync(IEnumerable<MySqlStatement> statements, CancellationToken cancellationToken)
    {
        var names = statements.Where(statement => Array.Exists(Writing, word => statement.Begins(word)))
            .SelectMany(statement => statement.Words.Skip(1).TakeWhile(word => !Array.Exists(Source, word.Is)))
            .Select(word => word.Text)
            .Where(name => name is not ("." or "," or "="))
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        var unknown = names.Where(name => !_known.ContainsKey(name)).ToList();
        if (unknown.Count > 0)
            await AskAsync(unknown, names, cancellationToken).ConfigureAwait(false);
        return names.Select(name => _known[name]).FirstOrDefault(table => table is not null);
    }

    /// <summary>DDL may have made or changed some.</summary>
    public void Forget() => _known.Clear();

    /// <summary>A script was refused, or its connection was lost, and what it has written to such a table stays.</summary>
    public static MigrationException Stays(string? table, Migration script, Exception cause) => new(
        ScriptFailure.Of(
            script,
            $"{MySqlErrors.MessageOf(cause).TrimEnd('.')}; what the script has written to {table ?? "a table without transactions"} "
                + "cannot be rolled back, so it is not run once more by itself",
            $"Remove what it has written to {table ?? "that table"}, see that nobody holds the lock, and start again. "
                + $"Or do the rest by hand and run 'migrationhost resolve {script.Version} --applied'. "
                + "ALTER TABLE … ENGINE=InnoDB gives a table transactions."),
        cause);

    private async Task AskAsync(List<string> unknown, HashSet<string> names, CancellationToken cancellationToken)
    {
        string List(IEnumerable<string> all) => string.Join(", ", all.Select(name => MySqlText.Literal(name)));
        var found = await session.Work.QueryAsync(
            string.Create(
                CultureInfo.InvariantCulture,
                $"""
                SELECT table_name FROM information_schema.tables
                WHERE table_schema IN ({List(names.Append(session.Database.Schema))}) AND table_name IN ({List(unknown)})
                AND table_type = 'BASE TABLE'
                AND engine IN (SELECT engine FROM information_schema.engines WHERE transactions = 'NO')
                """),
            row => row.GetString(0),
            cancellationToken).ConfigureAwait(false);
        foreach (var name in unknown)
            _known[name] = found.Find(table => table.Equals(name, StringComparison.OrdinalIgnoreCase));
    }
}
