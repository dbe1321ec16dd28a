using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace MigrationHost.Http;

/// <summary>Health, status and metrics of an application that has not mapped them itself.</summary>
internal static class OwnEndpoints
{
    /// <summary>Routing looks here last.</summary>
    private const int Last = int.MaxValue;

    /// <summary>
    /// Maps health and status if they are not mapped yet. At a path that the application has itself they give way to it: from ready on
    /// it answers there alone, and before ready too if it is marked.
    /// </summary>
    /// <returns>The paths where it answers from ready on.</returns>
    public static IReadOnlyList<string> MapMissing(IEndpointRouteBuilder endpoints)
    {
        var mapped = Mapped(endpoints.DataSources).ToList();
        List<string> own = [.. mapped.Where(AllowBeforeReadyMetadata.IsOwn).Select(endpoint => endpoint.RoutePattern.RawText ?? "")];
        var taken = mapped.ToLookup(endpoint => Place(endpoint.RoutePattern), AllowBeforeReadyMetadata.IsOn);
        var before = endpoints.DataSources.Count;
        if (!own.Exists(pattern => pattern.EndsWith("/health/ready", StringComparison.Ordinal)))
            GiveWay(HealthEndpoints.Map(endpoints), taken);
        if (!own.Exists(pattern => pattern.EndsWith("/{database}/locks", StringComparison.Ordinal)))
            GiveWay(StatusEndpoints.Map(endpoints), taken);
        return [.. Mapped(endpoints.DataSources.Skip(before))
            .Where(endpoint => AllowBeforeReadyMetadata.IsOwn(endpoint) && endpoint.Order == Last)
            .Select(endpoint => endpoint.RoutePattern.RawText!.TrimEnd('/'))];
    }

    /// <summary>Maps the metrics unless that path is taken, be it by an exporter of the application.</summary>
    public static void MapMissingMetrics(IEndpointRouteBuilder endpoints)
    {
        if (!Mapped(endpoints.DataSources).Any(endpoint => Place(endpoint.RoutePattern) == MetricsEndpoint.Path))
            MetricsEndpoint.MapOnTraffic(endpoints);
    }

    private static void GiveWay(RouteGroupBuilder group, ILookup<string, bool> taken) => ((IEndpointConventionBuilder)group).Add(endpoint =>
    {
        if (endpoint is not RouteEndpointBuilder route || !taken.Contains(Place(route.RoutePattern)))
            return;
        route.Order = Last;
        route.Metadata.Add(new ExcludeFromDescriptionAttribute());
        if (taken[Place(route.RoutePattern)].Contains(true))
            route.Metadata.Remove(AllowBeforeReadyMetadata.Own);
    });

    private static IEnumerable<RouteEndpoint> Mapped(IEnumerable<EndpointDataSource> sources) =>
        sources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>();

    // Whatever its parameters are called: two that differ in names only are one to a router.
    private static string Place(RoutePattern pattern) => string.Concat(pattern.PathSegments.Select(segment =>
        segment.Parts is [RoutePatternLiteralPart { Content: var literal }] ? $"/{literal.ToLowerInvariant()}" : "/{}"));
}
