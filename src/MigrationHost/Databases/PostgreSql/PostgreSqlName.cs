namespace MigrationHost.Databases.PostgreSql;

/// <summary>Names and texts as SQL writes them.</summary>
internal static class PostgreSqlName
{
    public static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    public static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
