using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace MigrationHost.Http;

/// <summary>The gate's own small pipeline: it routes to marked endpoints, runs them, and refuses all else.</summary>
/// <remarks>The application's pipeline has no part in it.</remarks>
internal static class GateRoutes
{
    /// <param name="services">The application's services.</param>
    /// <param name="refuse">Answers what is not let through.</param>
    public static RequestDelegate Build(IServiceProvider services, RequestDelegate refuse)
    {
        var all = services.GetRequiredService<EndpointDataSource>();
        EndpointSelection own = new(all, endpoints => endpoints.Where(AllowBeforeReadyMetadata.IsOwn));
        EndpointSelection marked = new(all, endpoints => endpoints.Where(AllowBeforeReadyMetadata.IsOn));
        EndpointSelection whole = new(all, endpoints => EndpointShadow.For(endpoints, refuse));

        // An endpoint that is marked does not answer for a path that belongs to another one: a fallback for a page, say.
        // All endpoints are asked only about a path that a marked one could have, so that most requests are refused at once.
        var chosen = Route(services, whole, null, refuse);
        var possible = Route(services, marked, chosen, refuse);
        return Route(services, own, null, possible);
    }

    /// <param name="services">The application's services.</param>
    /// <param name="endpoints">The endpoints to choose from.</param>
    /// <param name="then">What comes next if a marked one is chosen; null to run it.</param>
    /// <param name="otherwise">What comes next if none is chosen, or one that is not marked.</param>
    private static RequestDelegate Route(
        IServiceProvider services,
        EndpointDataSource endpoints,
        RequestDelegate? then,
        RequestDelegate otherwise)
    {
        IEndpointRouteBuilder? routes = null;
        var branch = new ApplicationBuilder(services);
        branch.UseRouting();
        branch.Use(run => context =>
        {
            var allowed = context.GetEndpoint() is { } endpoint && AllowBeforeReadyMetadata.IsOn(endpoint);
            if (allowed && then is null)
                return run(context);
            context.SetEndpoint(null);
            return allowed ? then!(context) : otherwise(context);
        });
        UseWhatEndpointsAskFor(branch);
        branch.UseEndpoints(builder => routes = builder);

        // Not before: UseEndpoints makes what it finds known to the whole application, for links and API descriptions.
        routes!.DataSources.Add(endpoints);
        return branch.Build();
    }

    // The metadata that routing refuses to run an endpoint with, unless its middleware was there.
    private static void UseWhatEndpointsAskFor(ApplicationBuilder branch)
    {
        if (Has<ICorsService>())
            branch.UseCors();
        if (Has<IAuthenticationSchemeProvider>())
            branch.UseAuthentication();
        if (Has<IPolicyEvaluator>())
            branch.UseAuthorization();
        if (Has<IAntiforgery>())
            branch.UseAntiforgery();

        bool Has<T>() => branch.ApplicationServices.GetService(typeof(T)) is not null;
    }
}
