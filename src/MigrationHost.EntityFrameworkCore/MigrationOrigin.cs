using Microsoft.EntityFrameworkCore.Migrations.Operations;

namespace MigrationHost.EntityFramework;

/// <summary>For which provider <c>dotnet ef</c> has made a migration, as the annotations of its columns show.</summary>
internal static class MigrationOrigin
{
    private static readonly string[] Known = ["Sqlite", "Npgsql", "SqlServer", "MySql", "MySQL", "Oracle", "Fb"];

    /// <param name="operations">What the migration does.</param>
    /// <param name="provider">The provider of the context.</param>
    /// <returns>The other provider that it was made for; null if it may well be this one's.</returns>
    /// <remarks>Only columns with a type of the database count: what <c>dotnet ef</c> writes has one, and what is written by hand for any
    /// provider has none.</remarks>
    public static string? Foreign(IReadOnlyList<MigrationOperation> operations, string provider)
    {
        var names =
            from column in operations.OfType<CreateTableOperation>().SelectMany(table => table.Columns)
                .Concat(operations.OfType<AddColumnOperation>())
            where column.ColumnType is not null
            from annotation in column.GetAnnotations()
            select annotation.Name.Split(':')[0];
        string[] found = [.. Known.Intersect(names)];
        return found.Any(name => provider.Contains(name, StringComparison.OrdinalIgnoreCase)) ? null : found.FirstOrDefault();
    }
}
