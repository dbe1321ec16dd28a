using MigrationHost.Scripts;

namespace MigrationHost.Layouts;

/// <summary>A folder that is configured for a database.</summary>
/// <param name="Files">What is in it.</param>
/// <param name="Provider">The kind of database.</param>
/// <param name="History">Where the history is kept.</param>
/// <param name="Placeholders">What stands for the placeholders in files, where the tool has such.</param>
internal sealed record LayoutSite(
    MigrationFiles Files, DatabaseProvider Provider, HistoryPlace History, IReadOnlyDictionary<string, string> Placeholders)
{
    /// <summary>How the files are to be read.</summary>
    public SqlSyntax Syntax { get; } = SqlSyntax.Of(Provider);
}
