namespace MigrationHost.Databases.MySql;

/// <summary>Names as SQL has them, whatever sql_mode says of double quotes.</summary>
internal static class MySqlName
{
    public static string Quoted(string name) => $"`{name.Replace("`", "``", StringComparison.Ordinal)}`";

    public static string Quoted(string schema, string name) => $"{Quoted(schema)}.{Quoted(name)}";
}
