using Microsoft.AspNetCore.Routing;

namespace MigrationHost.Http;

/// <summary>Health, status and metrics of an application that has not mapped them itself.</summary>
internal static class OwnEndpoints
{
    /// <summary>Maps health and status if they are not mapped yet.</summary>
    public static void MapMissing(IEndpointRouteBuilder endpoints)
    {
        List<string> mapped = [.. Mapped(endpoints).Where(AllowBeforeReadyMetadata.IsOwn).Select(Pattern)];
        if (!mapped.Exists(pattern => pattern.EndsWith("/health/ready", StringComparison.Ordinal)))
            HealthEndpoints.Map(endpoints);
        if (!mapped.Exists(pattern => pattern.EndsWith("/{database}/locks", StringComparison.Ordinal)))
            StatusEndpoints.Map(endpoints);
    }

    /// <summary>Maps the metrics unless that path is taken, be it by an exporter of the application.</summary>
    public static void MapMissingMetrics(IEndpointRouteBuilder endpoints)
    {
        if (!Mapped(endpoints).Select(Pattern).Any(pattern => pattern.Trim('/') == MetricsEndpoint.Path.Trim('/')))
            MetricsEndpoint.MapOnTraffic(endpoints);
    }

    private static IEnumerable<RouteEndpoint> Mapped(IEndpointRouteBuilder endpoints) =>
        endpoints.DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>();

    private static string Pattern(RouteEndpoint endpoint) => endpoint.RoutePattern.RawText ?? "";
}
