using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace MigrationHost.Http;

/// <summary>Where an application has mapped the status, and who may ask for it there.</summary>
/// <param name="Events">The path of its events; null if it is not mapped.</param>
/// <param name="NeedsAuthorization">Whether not everybody may read it: then nobody else may read more elsewhere.</param>
internal sealed record StatusAddress(string? Events, bool NeedsAuthorization)
{
    public static StatusAddress Of(EndpointDataSource endpoints, PathString pathBase)
    {
        var events = endpoints.Endpoints.OfType<RouteEndpoint>().FirstOrDefault(endpoint =>
            AllowBeforeReadyMetadata.IsOwn(endpoint)
                && endpoint.RoutePattern.RawText?.EndsWith(StatusEndpoints.EventsPath, StringComparison.Ordinal) == true);
        return events is null
            ? new StatusAddress(null, false)
            : new StatusAddress(
                pathBase.Add($"/{events.RoutePattern.RawText!.TrimStart('/')}"),
                events.Metadata.Any(metadata => metadata is IAuthorizeData or AuthorizationPolicy));
    }
}
