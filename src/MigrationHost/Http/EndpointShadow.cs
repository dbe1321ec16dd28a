using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace MigrationHost.Http;

/// <summary>Stands for an endpoint that is not marked while the gate routes: it takes that endpoint's place and refuses.</summary>
/// <remarks>
/// Only what is needed to find it is kept of its metadata. The rest can make routing itself run the endpoint (ShortCircuit) or
/// other code of the application (dynamic routes).
/// </remarks>
internal static class EndpointShadow
{
    /// <summary>The marked endpoints as they are, and a shadow for each place that only others have.</summary>
    public static IEnumerable<Endpoint> For(IReadOnlyList<RouteEndpoint> endpoints, RequestDelegate refuse)
    {
        var marked = endpoints.Where(AllowBeforeReadyMetadata.IsOn).ToList();
        var taken = marked.Select(Place).ToHashSet();

        // One for each place: two equal ones, of two branches of the pipeline, would be ambiguous here and are not there.
        var others = endpoints.Except(marked).Where(endpoint => IsFound(endpoint) && !taken.Contains(Place(endpoint))).DistinctBy(Place);
        return [.. marked, .. others.Select(endpoint => Of(endpoint, refuse))];
    }

    private static RouteEndpoint Of(RouteEndpoint endpoint, RequestDelegate refuse)
    {
        EndpointMetadataCollection place = new(endpoint.Metadata.Where(metadata => metadata is IHttpMethodMetadata or IHostMetadata));
        return new RouteEndpoint(refuse, endpoint.RoutePattern, endpoint.Order, place, endpoint.DisplayName);
    }

    // Some are for links only.
    private static bool IsFound(RouteEndpoint endpoint) =>
        endpoint.Metadata.GetMetadata<ISuppressMatchingMetadata>() is not { SuppressMatching: true };

    // All actions of a conventional route have its pattern, and differ in what its parameters must be.
    private static (string? Pattern, string Values, int Order, string Methods, string Hosts) Place(RouteEndpoint endpoint) => (
        endpoint.RoutePattern.RawText?.Trim('/').ToUpperInvariant(),
        string.Join('&', endpoint.RoutePattern.RequiredValues.OrderBy(value => value.Key, StringComparer.OrdinalIgnoreCase)),
        endpoint.Order,
        string.Join(' ', endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? []),
        string.Join(' ', endpoint.Metadata.GetMetadata<IHostMetadata>()?.Hosts ?? []));
}
