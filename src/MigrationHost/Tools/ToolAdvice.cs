namespace MigrationHost.Tools;

/// <summary>What to advise, if a tool's own ways matter.</summary>
internal sealed record ToolAdvice
{
    /// <summary>When its own connections block each other.</summary>
    public string BlocksItself { get; init; } =
        "let the tool use one connection for all that it does, or end the first one's transaction before the second one works";

    /// <summary>When nothing of it is visible, besides what is said anyway; null if there is nothing to add.</summary>
    public string? Silent { get; init; }

    /// <summary>When it ran longer than allowed.</summary>
    public string Deadline { get; init; } = "If it needs longer, raise Timeouts:Migration.";
}
