namespace MigrationHost.Layouts;

/// <summary>Where somebody keeps a tool's history.</summary>
/// <param name="Table">The table; null for the tool's own name.</param>
/// <param name="Schema">The schema; null for the one that the tool takes.</param>
internal sealed record HistoryPlace(string? Table = null, string? Schema = null);
