using MigrationHost.Databases.Connections;
using Microsoft.Data.Sqlite;

namespace MigrationHost.Databases.Sqlite;

/// <summary>
/// An address of a file: <c>sqlite:rel.db</c>, <c>sqlite:/abs.db</c>, <c>sqlite://rel.db</c>,
/// <c>sqlite:///abs.db</c>, with SQLite's own parameter <c>mode</c>.
/// </summary>
internal static class SqliteAddress
{
    /// <summary>
    /// Parameters of other clients (sqlx, SQLAlchemy, go-sqlite3, Prisma, golang-migrate), which have no meaning for our sessions.
    /// </summary>
    private static readonly string[] OfClients =
    [
        "cache", "timeout", "busy_timeout", "_busy_timeout", "_timeout", "foreign_keys", "_foreign_keys", "_fk", "journal_mode",
        "_journal_mode", "_journal", "synchronous", "_synchronous", "_sync",
        "_txlock", "_pragma", "_loc", "_mutex", "_time_format", "_auto_vacuum", "_cache_size", "_locking_mode", "_secure_delete",
        "_recursive_triggers", "_rt", "_query_only", "_cslike", "_defer_foreign_keys",
        "connection_limit", "socket_timeout", "pool", "pool_size", "pool_timeout", "check_same_thread", "isolation_level",
        "cached_statements", "detect_types", "uri", "encoding",
        "x-migrations-table", "x-no-tx-wrap",
    ];

    public static void Read(string text, string contentRoot, SqliteConnectionStringBuilder builder, List<string> problems,
        List<string> notes)
    {
        var rest = ConnectionAddress.Behind(text).Split('?', 2);
        var slashes = rest[0].Length - rest[0].TrimStart('/').Length;
        if (ConnectionAddress.Decode([rest[0]], "its path", problems) is not [var path]
            || ConnectionAddress.ReadParameters(rest is [_, var query] ? query : "", problems) is not { } parameters)
            return;
        builder.DataSource = slashes switch
        {
            2 => path[2..],
            > 2 => path[(slashes - 1)..],
            _ => path,
        };
        ReadParameters(parameters, builder, problems, notes);
        if (slashes == 3 && problems.Count == 0 && RelativeMeant(builder.DataSource, contentRoot) is { } problem)
            problems.Add(problem);
    }

    // SQLAlchemy's three slashes begin a relative path, everybody else's an absolute one: a new, empty file in the wrong place would be
    // "ready".
    private static string? RelativeMeant(string path, string contentRoot) =>
        Path.GetFullPath(path[1..], contentRoot) is var relative && !File.Exists(path) && File.Exists(relative)
            ? $"its three slashes mean the file {path}, which does not exist, but {relative} does: " +
              $"write sqlite:{path[1..]} for that one, or sqlite:{path} for a new one"
            : null;

    private static void ReadParameters(IReadOnlyList<ConnectionPair> parameters, SqliteConnectionStringBuilder builder,
        List<string> problems, List<string> notes)
    {
        for (var i = 0; i < parameters.Count; i++)
        {
            var (name, value, _) = parameters[i];
            if (name.Equals("mode", StringComparison.OrdinalIgnoreCase) && ModeOf(value) is { } mode)
                builder.Mode = mode;
            else if (name.Equals("mode", StringComparison.OrdinalIgnoreCase))
                problems.Add("the value of its parameter mode is not ro, rw, rwc or memory");
            else if (OfClients.Contains(name, StringComparer.OrdinalIgnoreCase))
                notes.Add($"{name} in the connection string is not used: it is for another client");
            else
                problems.Add($"its {Ordinal.Of(i + 1)} parameter is not known{NearestName.IfNear(name, ["mode", .. OfClients])}");
        }
    }

    private static SqliteOpenMode? ModeOf(string value) => value switch
    {
        "ro" => SqliteOpenMode.ReadOnly,
        "rw" => SqliteOpenMode.ReadWrite,
        "rwc" => SqliteOpenMode.ReadWriteCreate,
        "memory" => SqliteOpenMode.Memory,
        _ => null,
    };
}
