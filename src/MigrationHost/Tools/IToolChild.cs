using MigrationHost.Platform;

namespace MigrationHost.Tools;

/// <summary>A tool's process with all its descendants, as this system can hold them together.</summary>
internal interface IToolChild : IDisposable
{
    /// <summary>Completes once nothing of it runs any more, as far as this system can tell. Never fails.</summary>
    Task<ToolExit> Completion { get; }

    /// <summary>Asks it to end; what has not ended after its grace is killed.</summary>
    void Stop();

    /// <summary>Kills all of it now.</summary>
    void Kill();

    /// <summary>Its processes right now; null if this system does not show them.</summary>
    ProcessTree? Look();
}
