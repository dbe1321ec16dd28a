namespace MigrationHost;

/// <summary>What the status endpoint shows.</summary>
public enum StatusDetail
{
    /// <summary>The whole document.</summary>
    Full,

    /// <summary>Phase, counts and codes only: no names, no messages, no blockers.</summary>
    Brief,

    /// <summary>Nothing: 404.</summary>
    Off,
}
