using MigrationHost.Scripts;

namespace MigrationHost.Layouts;

/// <summary>A folder that is configured for a database.</summary>
/// <param name="Files">What is in it.</param>
/// <param name="Dialect">How the database writes and reads SQL.</param>
/// <param name="History">Where the history is kept.</param>
/// <param name="Placeholders">What stands for the placeholders in files, where the tool has such.</param>
internal sealed record LayoutSite(
    MigrationFiles Files, SqlDialect Dialect, HistoryPlace History, IReadOnlyDictionary<string, string> Placeholders)
{
    /// <summary>How the files are to be read.</summary>
    public SqlSyntax Syntax => Dialect.Syntax;

    /// <summary>What Prisma and Drizzle write into their files for the kind of database.</summary>
    public string DatabaseName => Dialect.By("sqlite", "postgresql", "mysql");
}
