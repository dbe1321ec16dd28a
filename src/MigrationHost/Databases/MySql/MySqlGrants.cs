using System.Text.RegularExpressions;

namespace MigrationHost.Databases.MySql;

/// <summary>What SHOW GRANTS says of an account, as far as it counts on one database as a whole.</summary>
/// <remarks><see href="https://mariadb.com/kb/en/show-grants/"/></remarks>
internal sealed partial class MySqlGrants
{
    /// <summary>What the history needs.</summary>
    public static readonly string[] OfEveryRun = ["SELECT", "INSERT", "UPDATE", "DELETE", "CREATE"];

    /// <summary>What most migrations need besides.</summary>
    public static readonly string[] OfMigrations = ["ALTER", "DROP", "INDEX"];

    private readonly HashSet<string> _rights;

    /// <param name="lines">The lines of SHOW GRANTS.</param>
    /// <param name="database">The database, not quoted.</param>
    public MySqlGrants(IReadOnlyList<string> lines, string database)
    {
        var grants = lines.Select(line => Grant().Match(line)).ToList();
        HasRoles = grants.Exists(grant => !grant.Success);
        _rights = grants
            .Where(grant => grant.Groups["what"].Value == "*" && Covers(grant.Groups["on"].Value, database))
            .SelectMany(grant => grant.Groups["rights"].Value.Split(", "))
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Whether there are roles, whose rights the lines may not have.</summary>
    public bool HasRoles { get; }

    /// <summary>Which of these rights are not granted.</summary>
    public IReadOnlyList<string> Missing(IEnumerable<string> rights) =>
        _rights.Contains("ALL PRIVILEGES") ? [] : [.. rights.Where(right => !_rights.Contains(right))];

    // The name of a database in a grant is a pattern, in which \_ is a plain underscore.
    private static bool Covers(string on, string database)
    {
        if (on == "*")
            return true;
        var regex = Letter().Replace(on.Trim('`'), letter => letter.Value switch
        {
            "%" => ".*",
            "_" => ".",
            _ => Regex.Escape(letter.Value.TrimStart('\\')),
        });
        return Regex.IsMatch(database, $"^{regex}$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.Singleline);
    }

    [GeneratedRegex(@"^GRANT (?<rights>.+?) ON (?<on>\*|`[^`]+`)\.(?<what>\*|`)", RegexOptions.CultureInvariant)]
    private static partial Regex Grant();

    [GeneratedRegex(@"\\?.", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex Letter();
}
