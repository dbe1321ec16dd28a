using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Primitives;

namespace MigrationHost.Http;

/// <summary>Those of the application's endpoints that the gate routes to, chosen again whenever the application changes them.</summary>
internal sealed class EndpointSelection(EndpointDataSource all, Func<IReadOnlyList<RouteEndpoint>, IEnumerable<Endpoint>> choose)
    : EndpointDataSource
{
    public override IReadOnlyList<Endpoint> Endpoints => [.. choose([.. all.Endpoints.OfType<RouteEndpoint>()])];

    public override IChangeToken GetChangeToken() => all.GetChangeToken();
}
