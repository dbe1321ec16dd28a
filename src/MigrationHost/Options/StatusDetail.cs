namespace MigrationHost;

/// <summary>What status, health and the 503 show.</summary>
public enum StatusDetail
{
    /// <summary>Full on <c>ManagementUrl</c> and in the Development environment, else brief.</summary>
    /// <remarks>The socket that took the connection decides, never the Host header or one of a proxy.
    /// A Unix socket and a test server in memory count as traffic.</remarks>
    Auto,

    /// <summary>The whole document.</summary>
    Full,

    /// <summary>Phase, counts, times and codes, and of each blocker what it holds, its state and for how long.</summary>
    /// <remarks>No ids, names, paths, pids, hosts or error text.</remarks>
    Brief,

    /// <summary>No status: 404. Health and the 503 are as in <see cref="Brief"/>.</summary>
    Off,
}
