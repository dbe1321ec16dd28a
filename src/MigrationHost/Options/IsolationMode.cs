namespace MigrationHost;

/// <summary>Where the <see cref="EngineKind.Sql"/> engine runs.</summary>
public enum IsolationMode
{
    /// <summary>In the service's own process.</summary>
    InProcess,

    /// <summary>In a process of its own, which can be killed. Needs the <c>migrationhost</c> program.</summary>
    ChildProcess,
}
