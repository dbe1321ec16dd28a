namespace MigrationHost;

/// <summary>Where the <see cref="EngineKind.Sql"/> engine runs.</summary>
public enum IsolationMode
{
    /// <summary>In the service's own process.</summary>
    InProcess,
}
