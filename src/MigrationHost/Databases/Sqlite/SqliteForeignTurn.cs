using System.Globalization;
using MigrationHost.Platform;

namespace MigrationHost.Databases.Sqlite;

/// <summary>The turn of another tool among its own instances: a row in a table, which stays if its process is killed.</summary>
/// <param name="tool">The tool, for messages.</param>
/// <param name="table">The table.</param>
/// <param name="since">The column that says when the row was written.</param>
internal sealed class SqliteForeignTurn(string tool, string table, string since)
{
    /// <summary>The row, of which there is one at most: none if nobody has the turn.</summary>
    public List<string> Rows(RawSqlite sqlite) => SqliteNames.Column(sqlite, "main", table, since);

    /// <summary>The row; null if nobody has the turn.</summary>
    public string? Row(RawSqlite sqlite) => Rows(sqlite).FirstOrDefault();

    /// <summary>Who is waited for while a lock keeps the row from being read.</summary>
    public TurnHolder Unread { get; } = new(tool, $"{table} cannot be read: another process is writing", 0);

    /// <summary>Takes the row away, if it is still the same one.</summary>
    /// <returns>Whether nobody has the turn now.</returns>
    public bool TryRemove(RawSqlite sqlite, string row)
    {
        if (!sqlite.TryExecute("BEGIN IMMEDIATE"))
            return false;
        var same = Row(sqlite) == row;
        if (same)
            sqlite.Execute($"DELETE FROM main.\"{table}\"");
        return sqlite.TryExecute(same ? "COMMIT" : "ROLLBACK") && same;
    }

    /// <summary>Why it was taken away, for the log.</summary>
    public string Removed(string row) =>
        $"removed the row of {row} from {table}: no process has the file open, so the {tool} that wrote it was killed";

    /// <summary>Why those who hold the turn are not all known while such a row is there.</summary>
    public string Unknown => $"the row in {table} does not say which process wrote it";

    /// <summary>Who has it, as far as can be seen.</summary>
    public TurnHolder Holder(string path, string row, DateTimeOffset now)
    {
        var age = DateTimeOffset.TryParse(row, CultureInfo.InvariantCulture, out var since) && since < now
            ? $", {Duration.Say(now - since)} old"
            : "";
        var processes = ProcessesWith(path).ToList();
        var (who, unseen) = processes.Count == 0 ? (tool, ", and who wrote it is not visible") : (string.Join(", ", processes), "");
        return new TurnHolder(who, $"{table} has a row of {row}{age}{unseen}", 0)
        {
            Remedy = $"End the {tool} that works on it. If there is none: sqlite3 '{path}' 'DELETE FROM \"{table}\"'",
        };
    }

    private static IEnumerable<string> ProcessesWith(string path)
    {
        if (!OperatingSystem.IsLinux())
            yield break;
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), out var pid) && pid != Environment.ProcessId
                && ProcessInfo.OpenDescriptors(pid, path) > 0)
                yield return $"{ProcessInfo.Program(pid) ?? "a process"} (pid {pid})";
        }
    }
}
