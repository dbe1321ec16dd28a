using System.Globalization;
using System.Text.RegularExpressions;

namespace MigrationHost.Databases.Connections;

/// <summary>
/// The address of a database on a server, read and decoded: <c>scheme://user:password@host:port,host/database?name=value</c>.
/// </summary>
internal sealed partial record ConnectionAddress
{
    /// <summary>What to do about a password with a character that ends it in an address.</summary>
    public const string HowToEncode = "in a user name or password write @ as %40, : as %3A, / as %2F, ? as %3F, # as %23 and % as %25";

    /// <summary>What an address may begin with that has no slashes behind its scheme.</summary>
    private static readonly string[] WithoutSlashes = ["postgres", "sqlite", "mysql", "mariadb", "jdbc"];

    public required string? User { get; init; }

    public required string? Password { get; init; }

    /// <summary>The hosts in their order; none if the address names none.</summary>
    public required IReadOnlyList<AddressHost> Hosts { get; init; }

    /// <summary>What follows the host, without its first slash: the database; empty if there is none.</summary>
    public required string Path { get; init; }

    public required IReadOnlyList<ConnectionPair> Parameters { get; init; }

    /// <summary>
    /// The scheme of a text that is an address, in lower case, without what tools put around it
    /// (<c>jdbc:</c>, <c>+asyncpg</c>); null if the text is none.
    /// </summary>
    public static string? SchemeOf(string text) =>
        MayHaveScheme(text) && Scheme().Match(text) is { Success: true } match ? match.Groups["scheme"].Value.ToLowerInvariant() : null;

    /// <summary>What follows the scheme and its colon.</summary>
    public static string Behind(string text) => text[Scheme().Match(text).Length..];

    /// <summary>Reads an address; null if there is a problem, or the text is not the address of a server.</summary>
    public static ConnectionAddress? Read(string text, List<string> problems)
    {
        text = text.Trim();
        if (SchemeOf(text) is null || Behind(text) is not ['/', '/', .. var rest])
            return Refuse(problems, "is not an address of the form scheme://user:password@host:port/database");
        if (rest.Contains('#', StringComparison.Ordinal))
            return Refuse(problems, $"has a '#', which clients read differently; {HowToEncode}");
        var query = rest.IndexOf('?', StringComparison.Ordinal) is var mark and >= 0 ? mark : rest.Length;
        var slash = rest.IndexOf('/', StringComparison.Ordinal) is var first && first >= 0 && first < query ? first : query;
        var at = rest.LastIndexOf('@', Math.Max(slash - 1, 0));
        if (rest.IndexOf('@', slash) is var late && late >= 0 && (late < query || at < 0 && late < EndOfName(rest, query)))
            return Refuse(problems, $"has an '@' behind its host; {HowToEncode}");
        if (rest[..query].Any(letter => char.IsWhiteSpace(letter) || char.IsControl(letter)))
            return Refuse(problems, "has a blank or a line break in it; write it as %20, or leave it out");

        var user = at < 0 ? [] : rest[..at].Split(':', 2);
        if (Decode(user, "its user name or password", problems) is not { } named
            || ReadHosts(rest[(at + 1)..slash], problems) is not { } hosts
            || Decode([slash < query ? rest[(slash + 1)..query].TrimEnd('/') : ""], "its database", problems) is not [var path]
            || ReadParameters(query < rest.Length ? rest[(query + 1)..] : "", problems) is not { } parameters)
            return null;
        return new ConnectionAddress
        {
            User = named is [{ Length: > 0 } name, ..] ? name : null,
            Password = named is [_, { Length: > 0 } password] ? password : null,
            Hosts = hosts,
            Path = path,
            Parameters = parameters,
        };
    }

    /// <summary>Reads what follows the question mark; null if there is a problem.</summary>
    public static IReadOnlyList<ConnectionPair>? ReadParameters(string query, List<string> problems)
    {
        var parameters = new List<ConnectionPair>();
        foreach (var part in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var position = Ordinal.Of(parameters.Count + 1);
            if (part.Split('=', 2) is not [var key, var value])
            {
                problems.Add($"its {position} parameter is not name=value; {HowToEncode}");
                return null;
            }
            if (Decode([key, value], $"its {position} parameter", problems) is not [var name, var decoded])
                return null;
            parameters.Add(new ConnectionPair(name, decoded, value));
        }
        return parameters;
    }

    /// <summary>Decodes a part of an address; null if there is a problem.</summary>
    public static string[]? Decode(string[] texts, string what, List<string> problems)
    {
        var decoded = new string[texts.Length];
        for (var i = 0; i < texts.Length; i++)
        {
            if (!Percent.TryDecode(texts[i], out var text))
            {
                problems.Add(
                    $"{what} has a '%' without two hexadecimal digits behind it, or one that encodes no text; write % itself as %25");
                return null;
            }
            decoded[i] = text;
        }
        return decoded;
    }

    // Where a name=value begins, an '@' belongs to a value.
    private static int EndOfName(string rest, int query) => rest.IndexOf('=', query) is var equals && equals >= 0 ? equals : rest.Length;

    private static List<AddressHost>? ReadHosts(string authority, List<string> problems)
    {
        var hosts = new List<AddressHost>();
        foreach (var text in authority.Length == 0 ? [] : authority.Split(','))
        {
            var colon = text.LastIndexOf(':');
            var hasPort = colon > text.LastIndexOf(']');
            if (Decode([hasPort ? text[..colon] : text], "its host", problems) is not [var name])
                return null;
            if (hasPort && PortOf(text[(colon + 1)..]) is null)
            {
                problems.Add($"the port of its {Ordinal.Of(hosts.Count + 1)} host is not a number from 1 to 65535; {HowToEncode}");
                return null;
            }
            hosts.Add(new AddressHost(name is ['[', .. var v6, ']'] ? v6 : name, hasPort ? PortOf(text[(colon + 1)..]) : null));
        }
        return hosts;
    }

    /// <summary>A port that a client can connect to; null if the text is none.</summary>
    public static int? PortOf(string text) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0 ? port : null;

    private static ConnectionAddress? Refuse(List<string> problems, string problem)
    {
        problems.Add(problem);
        return null;
    }

    // Asked of every variable of the environment: the first regular expression costs a start some 20 ms.
    private static bool MayHaveScheme(string text) =>
        text.Contains("://", StringComparison.Ordinal)
        || Array.Exists(WithoutSlashes, scheme => text.AsSpan().TrimStart().StartsWith(scheme, StringComparison.OrdinalIgnoreCase));

    // A single letter before a colon is a drive; a scheme that is not ours counts only with its slashes.
    [GeneratedRegex(
        @"^\s*(jdbc:)?(?<scheme>(?i:postgres|postgresql|sqlite3?|mysql|mariadb)(?=(\+[\w.-]+)?:)" +
        @"|[A-Za-z][A-Za-z0-9.-]+(?=(\+[\w.-]+)?://))(\+[\w.-]+)?:", RegexOptions.CultureInvariant)]
    private static partial Regex Scheme();
}
