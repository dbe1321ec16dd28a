using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace MigrationHost.Http;

/// <summary><c>/metrics</c>, for Prometheus.</summary>
internal static class MetricsEndpoint
{
    public const string Path = "/metrics";

    /// <summary>On an address for traffic: not found unless the setting says On.</summary>
    public static IEndpointConventionBuilder MapOnTraffic(IEndpointRouteBuilder endpoints) =>
        Map(endpoints, metrics => metrics.IsOnTraffic);

    /// <summary>On the management address: not found if the setting says Off.</summary>
    public static void MapOnManagement(IEndpointRouteBuilder endpoints) => Map(endpoints, metrics => metrics.IsOnManagement);

    private static IEndpointConventionBuilder Map(IEndpointRouteBuilder endpoints, Func<PrometheusMetrics, bool> isShown) =>
        Describe(endpoints.MapMethods(Path, JsonAnswer.Methods, context => AnswerAsync(context, isShown)))
            .WithMetadata(AllowBeforeReadyMetadata.Own);

    private static IEndpointConventionBuilder Describe(IEndpointConventionBuilder endpoint) => endpoint.Describe(
        AnswerAsync,
        "Metrics in the text form of Prometheus. Not found where the setting Metrics has none.",
        EndpointDescription.Text("text/plain"),
        EndpointDescription.Empty(StatusCodes.Status404NotFound));

    private static Task AnswerAsync(HttpContext context, Func<PrometheusMetrics, bool> isShown)
    {
        var metrics = context.RequestServices.GetRequiredService<PrometheusMetrics>();
        return isShown(metrics)
            ? JsonAnswer.WriteAsync(context, StatusCodes.Status200OK, Encoding.UTF8.GetBytes(metrics.Read()), PrometheusText.ContentType)
            : JsonAnswer.NotFoundAsync(context);
    }
}
