using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace MigrationHost.Http;

/// <summary>Where an application has mapped the status, and who may ask for it there.</summary>
/// <param name="Events">The path of its events; null if it is not mapped.</param>
/// <param name="IsRestricted">
/// Whether not everybody may read it there, or not at every host name: then nobody else may read more elsewhere.
/// </param>
internal sealed record StatusAddress(string? Events, bool IsRestricted)
{
    /// <summary>Whether the application has a policy for every endpoint that asks for none.</summary>
    public static bool IsGuarded(IServiceProvider services) =>
        services.GetService<IOptions<AuthorizationOptions>>()?.Value.FallbackPolicy is not null;

    /// <summary>Whether whoever reaches an endpoint may read there what the status says: the status is open to all, or this endpoint is
    /// no more open than that.</summary>
    /// <param name="services">The server's services.</param>
    /// <param name="endpoint">The endpoint; null if it is not known which it is.</param>
    public static bool MayName(IServiceProvider services, Endpoint? endpoint)
    {
        if (services.GetService<EndpointDataSource>() is not { } endpoints)
            return true;
        var guarded = IsGuarded(services);
        return !Of(endpoints, PathString.Empty, guarded).IsRestricted
            || endpoint is not null && IsRestrictedAt(endpoint.Metadata, guarded);
    }

    /// <param name="endpoints">The application's endpoints.</param>
    /// <param name="pathBase">The path base of a request.</param>
    /// <param name="guarded">Whether the application has a policy for every endpoint that asks for none.</param>
    public static StatusAddress Of(EndpointDataSource endpoints, PathString pathBase, bool guarded)
    {
        var events = endpoints.Endpoints.OfType<RouteEndpoint>().FirstOrDefault(endpoint =>
            AllowBeforeReadyMetadata.IsOwn(endpoint)
                && endpoint.RoutePattern.RawText?.EndsWith(StatusEndpoints.EventsPath, StringComparison.Ordinal) == true);
        return events is null
            ? new StatusAddress(null, false)
            : new StatusAddress(
                pathBase.Add($"/{events.RoutePattern.RawText!.TrimStart('/')}"),
                IsRestrictedAt(events.Metadata, guarded));
    }

    private static bool IsRestrictedAt(EndpointMetadataCollection metadata, bool guarded) =>
        metadata.Any(item => item is IHostMetadata { Hosts.Count: > 0 })
            || (!metadata.Any(item => item is IAllowAnonymous)
                && (guarded || metadata.Any(item => item is IAuthorizeData or AuthorizationPolicy)));
}
