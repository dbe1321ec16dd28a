using System.Text;
using MigrationHost.Scripts;
using Npgsql;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>The settings that the connection string asks of a session, made in the session itself.</summary>
/// <remarks>
/// The driver sends them when it connects, and a pooler may swallow them there (PgBouncer's <c>ignore_startup_parameters</c>): the
/// tables of one tenant would land in the schema of all.
/// </remarks>
internal sealed class SessionSettings
{
    private const string TimeZone = "TimeZone";
    private const string SearchPath = "search_path";
    private const string Role = "role";

    private readonly Dictionary<string, string> _asked = new(StringComparer.OrdinalIgnoreCase);

    // What only the start of a session can set stays as the start has left it.
    private readonly string _set = "SELECT n, set_config(n, v, false) FROM unnest($1, $2) AS asked(n, v)";

    /// <param name="connection">The connection string.</param>
    /// <param name="environment">The environment variables, from which the driver takes what the connection string does not say.</param>
    public SessionSettings(NpgsqlConnectionStringBuilder connection, Func<string, string?> environment)
    {
        foreach (var (name, value) in Options(connection.Options ?? environment("PGOPTIONS") ?? ""))
        {
            _asked[name] = value;
            _set = """
                SELECT n, CASE WHEN EXISTS (SELECT FROM pg_settings WHERE lower(name) = lower(n) AND context NOT IN ('user', 'superuser'))
                    THEN current_setting(n) ELSE set_config(n, v, false) END
                FROM unnest($1, $2) AS asked(n, v)
                """;
        }
        if ((connection.Timezone ?? environment("PGTZ")) is { Length: > 0 } timeZone)
            _asked[TimeZone] = timeZone;
        if (connection.SearchPath is { Length: > 0 } path)
            _asked[SearchPath] = path;
        _asked[PostgreSqlEncoding.Setting] = PostgreSqlEncoding.Utf8;

        // Another role may not set what this one may.
        if (_asked.Remove(Role, out var role))
            _asked[Role] = role;
    }

    /// <summary>Their names and values.</summary>
    public IReadOnlyDictionary<string, string> Values => _asked;

    /// <summary>What makes all of them.</summary>
    public SqlCommand All => Set([.. _asked.Keys]);

    /// <summary>
    /// What gives a transaction the rights of the connection, whatever role a script has taken; the script has its own again after it.
    /// </summary>
    public SqlCommand[] AsConnected =>
    [
        "SET LOCAL SESSION AUTHORIZATION DEFAULT",
        _asked.TryGetValue(Role, out var role)
            ? new SqlCommand("SELECT set_config('role', $1, true)", role)
            : "SET LOCAL role TO DEFAULT",
    ];

    /// <summary>Makes them, and reads back that they are.</summary>
    /// <exception cref="MigrationException">The server refuses one, or something in between takes it away.</exception>
    public async Task MakeAsync(string target, PostgreSqlConnection connection, CancellationToken cancellationToken)
    {
        List<(string Name, string Value)> made;
        try
        {
            made = await connection.QueryAsync([All], row => (row.GetString(0), row.GetString(1)), cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException refused) when (refused.InvariantSeverity == "ERROR")
        {
            throw Wrong(
                $"{target}: the server refuses a setting that the connection string asks for: {refused.MessageText}",
                "Correct Search Path, Timezone or Options in the connection string.",
                refused);
        }
        object names = made.Select(one => one.Name).ToArray();
        const string read = "SELECT current_setting(n) FROM unnest($1) AS n";
        var found = await connection.QueryAsync(read, row => row.GetString(0), cancellationToken, names).ConfigureAwait(false);
        foreach (var ((name, value), now) in made.Zip(found))
        {
            if (value == now)
                continue;

            // An application's own settings may be secrets.
            var difference = name.Contains('.', StringComparison.Ordinal) ? "" : $" ('{value}'): it is '{now}' in the next statement";
            throw Wrong(
                $"{target}: {name} does not stay what the connection string asks for{difference}. A pooler in between resets the session",
                "Point the connection string of the migrations at the server itself, or at a pool in session mode "
                    + "(PgBouncer: pool_mode = session for this database or user).");
        }
    }

    /// <summary>
    /// What makes those again that a statement puts back to their default: if a pooler has swallowed them, the
    /// default is another one.
    /// </summary>
    public SqlCommand[] After(PostgreSqlStatement statement)
    {
        string[] reset = statement.Resets switch
        {
            null => [],
            "ALL" => [.. _asked.Keys],
            var name => [.. _asked.Keys.Where(asked => asked.Equals(name, StringComparison.OrdinalIgnoreCase))],
        };
        return reset.Length == 0 ? [] : [Set(reset)];
    }

    private SqlCommand Set(string[] names) => new(_set, names, names.Select(name => _asked[name]).ToArray());

    /// <summary>
    /// What the server's command line says in it: <c>-c name=value</c> and <c>--name=value</c>. <see
    /// href="https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-OPTIONS"/>
    /// </summary>
    private static IEnumerable<(string Name, string Value)> Options(string options)
    {
        var words = new Queue<string>(Words(options));
        while (words.TryDequeue(out var word))
        {
            var setting = word == "-c" && words.TryDequeue(out var next) ? next
                : word.StartsWith("-c", StringComparison.Ordinal) || word.StartsWith("--", StringComparison.Ordinal) ? word[2..]
                : "";
            if (setting.IndexOf('=', StringComparison.Ordinal) is > 0 and var at)
                yield return (setting[..at].Replace('-', '_'), setting[(at + 1)..]);
        }
    }

    // Blanks separate; a backslash keeps what follows it.
    private static List<string> Words(string options)
    {
        List<string> words = [];
        var word = new StringBuilder();
        for (var i = 0; i <= options.Length; i++)
        {
            if (i == options.Length || char.IsWhiteSpace(options[i]))
            {
                if (word.Length > 0)
                    words.Add(word.ToString());
                word.Clear();
            }
            else
                word.Append(options[i] == '\\' && i + 1 < options.Length ? options[++i] : options[i]);
        }
        return words;
    }

    private static MigrationException Wrong(string message, string hint, Exception? inner = null) =>
        new(new MigrationError { Code = MigrationErrorCode.InvalidConfiguration, Message = message, Hint = hint }, inner);
}
