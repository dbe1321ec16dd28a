namespace MigrationHost;

/// <summary>What the host does until all databases are ready.</summary>
public enum StartupMode
{
    /// <summary>The server listens at once; every request but health and status gets 503.</summary>
    Gate,

    /// <summary>
    /// Nothing else of the host starts and no port listens, unless <see cref="MigrationHostOptions.ManagementUrl"/> is set.
    /// </summary>
    Block,
}
