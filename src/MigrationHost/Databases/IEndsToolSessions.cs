namespace MigrationHost.Databases;

/// <summary>A turn that can end what a killed tool has left on the server.</summary>
internal interface IEndsToolSessions
{
    /// <summary>Ends sessions of a tool that work on and keep their locks although nobody is there any more. Asked for while none runs.
    /// Never throws.</summary>
    ValueTask EndToolSessionsAsync();
}
