namespace MigrationHost.Databases.Sqlite;

/// <summary>Rows of a child table that refer to a parent row which does not exist.</summary>
/// <param name="Child">The table with the key.</param>
/// <param name="Parent">The table referred to; empty if the key itself is wrong.</param>
/// <param name="Columns">The key's columns, or what is wrong with it.</param>
/// <param name="Values">The values that dangle: data, so never shown.</param>
internal sealed record ForeignKeyViolation(string Child, string Parent, string Columns, string Values)
{
    public string Describe(long rows, long? firstRow) =>
        Parent.Length == 0 ? $"{Child}: {Columns}"
        : $"{Child}({Columns}) refers to no row of {Parent} in {rows} {(rows == 1 ? "row" : "rows")}"
            + (firstRow is { } row ? $", the first with rowid {row}" : "");
}
