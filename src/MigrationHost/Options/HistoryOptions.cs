namespace MigrationHost;

/// <summary>Where the history of another tool's <see cref="DatabaseOptions.Layout"/> is kept.</summary>
public sealed class HistoryOptions
{
    /// <summary>The table. Default: the tool's own.</summary>
    public string? Table { get; set; }

    /// <summary>The schema (PostgreSQL). Default: the one that the tool takes.</summary>
    public string? Schema { get; set; }
}
