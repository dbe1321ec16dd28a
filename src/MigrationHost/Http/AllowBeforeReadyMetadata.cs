namespace MigrationHost.Http;

/// <summary>Marks an endpoint that the gate lets through before the databases are ready.</summary>
internal sealed class AllowBeforeReadyMetadata
{
    public static readonly AllowBeforeReadyMetadata Instance = new();
}
