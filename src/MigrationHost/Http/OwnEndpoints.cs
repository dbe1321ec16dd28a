using Microsoft.AspNetCore.Routing;

namespace MigrationHost.Http;

/// <summary>Health and status of an application that has not mapped them itself.</summary>
internal static class OwnEndpoints
{
    /// <summary>Maps what is not mapped yet.</summary>
    public static void MapMissing(IEndpointRouteBuilder endpoints)
    {
        List<string> mapped =
        [
            .. from endpoint in endpoints.DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
               where AllowBeforeReadyMetadata.IsOwn(endpoint)
               select endpoint.RoutePattern.RawText ?? "",
        ];
        if (!mapped.Exists(pattern => pattern.EndsWith("/health/ready", StringComparison.Ordinal)))
            HealthEndpoints.Map(endpoints);
        if (!mapped.Exists(pattern => pattern.EndsWith("/{database}/locks", StringComparison.Ordinal)))
            StatusEndpoints.Map(endpoints);
    }
}
