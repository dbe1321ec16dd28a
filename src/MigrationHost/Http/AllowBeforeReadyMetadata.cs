using Microsoft.AspNetCore.Http;

namespace MigrationHost.Http;

/// <summary>Marks an endpoint that the gate answers before the databases are ready.</summary>
internal sealed class AllowBeforeReadyMetadata
{
    /// <summary>An endpoint of the application.</summary>
    public static readonly AllowBeforeReadyMetadata Instance = new();

    /// <summary>Health or status, which comes before anything that the application has at the same path.</summary>
    public static readonly AllowBeforeReadyMetadata Own = new();

    public static bool IsOn(Endpoint endpoint) => endpoint.Metadata.GetMetadata<AllowBeforeReadyMetadata>() is not null;

    public static bool IsOwn(Endpoint endpoint) => endpoint.Metadata.Contains(Own);
}
