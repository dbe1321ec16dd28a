using System.Text.RegularExpressions;
using Npgsql;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>The parameter <c>options</c>: settings of the server such as <c>-c search_path=app</c>.</summary>
internal static partial class PostgreSqlOptions
{
    /// <summary>Takes the search path over as such, since poolers reject <c>options</c>, and passes on the rest.</summary>
    /// <returns>Always true: the server judges the values.</returns>
    public static bool Apply(NpgsqlConnectionStringBuilder builder, string options)
    {
        // Many clients write a blank as '+' there, and no option has one.
        options = options.Replace('+', ' ');
        if (SearchPath().Match(options) is { Success: true } match)
            builder.SearchPath = match.Groups["path"].Value.Replace("\\ ", " ", StringComparison.Ordinal);
        var rest = SearchPath().Replace(options, "").Trim();
        if (rest.Length > 0)
            builder.Options = rest;
        return true;
    }

    /// <summary>A schema's name as it is written in a search path.</summary>
    public static string Quoted(string schema) =>
        PlainName().IsMatch(schema) ? schema : $"\"{schema.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    [GeneratedRegex(@"(^|\s)(-c\s*|--)search_path=(?<path>(\\.|\S)*)")]
    private static partial Regex SearchPath();

    [GeneratedRegex("^[a-z_][a-z0-9_$]*$")]
    private static partial Regex PlainName();
}
