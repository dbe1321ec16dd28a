using MigrationHost.Databases.Connections;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>Tells libpq's form (<c>host=db dbname=app</c>) from the driver's (<c>Host=db;Database=app</c>).</summary>
internal static class PostgreSqlKeywords
{
    /// <summary>Whether a text has libpq's form, or was meant to have it.</summary>
    public static bool AreIn(string text)
    {
        var first = text.Split('=', 2)[0].Trim();
        if (first.Contains(' ', StringComparison.Ordinal) || !PostgreSqlParameters.IsKnown(first))
            return false;
        var semicolon = text.Contains(';', StringComparison.Ordinal);
        return KeywordPairs.Read(text, []) is not { } pairs
            ? !semicolon
            : semicolon
            ? pairs.Count > 1 && pairs.All(pair => PostgreSqlParameters.IsKnown(pair.Key) && MayHaveSemicolon(pair))
            : pairs.Count > 1 || first is "dbname" or "hostaddr" || PostgreSqlParameters.WhyRefused(first) is not null;
    }

    // A password may have any character; anywhere else, and at an end, it separates the driver's keys.
    private static bool MayHaveSemicolon(ConnectionPair pair) =>
        SecretText.IsPassword(pair.Key) ? !pair.Value.EndsWith(';') : !pair.Value.Contains(';', StringComparison.Ordinal);
}
