using System.Globalization;

namespace MigrationHost.Engines.Alembic;

/// <summary>An address as SQLAlchemy reads it: <c>dialect+driver://user:password@host:port/database?options</c>. The password is dropped at once.</summary>
internal sealed record AlembicUrl
{
    /// <summary>The address in the ini file that <c>alembic init</c> writes.</summary>
    private const string Placeholder = "driver://";

    public required string Dialect { get; init; }
    public required string? Host { get; init; }
    public required int? Port { get; init; }
    public required string Database { get; init; }
    public required IReadOnlyDictionary<string, string> Options { get; init; }

    public static bool IsPlaceholder(string text) => text.StartsWith(Placeholder, StringComparison.Ordinal);

    public bool IsSqlite => Dialect == "sqlite";

    public bool IsPostgreSql => Dialect is "postgresql" or "postgres";

    /// <summary>Reads an address; null where it is none.</summary>
    public static AlembicUrl? Parse(string text)
    {
        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        if (scheme <= 0 || !text[..scheme].All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '+' or '_' or '-'))
            return null;
        var rest = BehindUser(text[(scheme + 3)..]);
        var query = rest.IndexOf('?', StringComparison.Ordinal);
        var options = query < 0 ? "" : rest[(query + 1)..];
        rest = query < 0 ? rest : rest[..query];
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        // An '@' that the password has comes before the last one.
        var authority = slash < 0 ? rest : rest[..slash];
        authority = authority[(authority.LastIndexOf('@') + 1)..];
        var (host, port) = HostAndPort(authority);
        return new AlembicUrl
        {
            Dialect = text[..scheme].Split('+')[0].ToLowerInvariant(),
            Host = host.Length == 0 ? null : host,
            Port = port,
            Database = slash < 0 ? "" : Uri.UnescapeDataString(rest[(slash + 1)..]),
            Options = OptionsOf(options),
        };
    }

    /// <summary>The file that it means; null for a database in memory.</summary>
    /// <param name="workingDirectory">Where the tool runs: a relative path counts from there.</param>
    public string? SqlitePath(string workingDirectory)
    {
        var path = Database.StartsWith("file:", StringComparison.Ordinal) ? Database[5..] : Database;
        return path.Length == 0 || path == ":memory:" ? null : Path.GetFullPath(path, workingDirectory);
    }

    /// <summary>Without secrets.</summary>
    public override string ToString() => IsSqlite ? $"sqlite:///{Database}" : $"{Dialect}://{Host}{(Port is { } port ? $":{port}" : "")}/{Database}";

    // SQLAlchemy takes everything up to the first '@' for the password, a '/' or a '?' too.
    private static string BehindUser(string rest)
    {
        var first = rest.IndexOfAny([':', '/', '?', '@']);
        return first >= 0 && rest[first] is ':' or '@' ? rest[(rest.IndexOf('@', first) + 1)..] : rest;
    }

    private static (string Host, int? Port) HostAndPort(string authority)
    {
        var colon = authority.LastIndexOf(':');
        return colon > authority.LastIndexOf(']') && int.TryParse(authority[(colon + 1)..], CultureInfo.InvariantCulture, out var port)
            ? (authority[..colon].Trim('[', ']'), port)
            : (authority.Trim('[', ']'), null);
    }

    private static Dictionary<string, string> OptionsOf(string query)
    {
        var options = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in query.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=', 2)))
            options[pair[0]] = pair.Length > 1 ? Uri.UnescapeDataString(pair[1]) : "";
        return options;
    }
}
