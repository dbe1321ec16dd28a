using System.Text.Json;
using MigrationHost.Running;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MigrationHost.Http;

/// <summary>The three probes.</summary>
/// <remarks>
/// Their services are looked up when they are asked for: settings that are wrong are for the
/// start of the host to report, not for the mapping.
/// </remarks>
internal static class HealthEndpoints
{
    public static RouteGroupBuilder Map(IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("/health");
        Map(group, "/live", (health, named) => health.Live(named), "Whether the process can do its work. If not, a restart is the cure.");
        Map(
            group,
            "/startup",
            (health, named) => health.Startup(named),
            "Whether the watchdog is in charge. It never waits for migrations.");
        Map(group, "/ready", (health, named) => health.Ready(named), "Whether every database is ready and verified.");
        return group.WithMetadata(AllowBeforeReadyMetadata.Own);
    }

    private static void Map(RouteGroupBuilder group, string path, Func<MigrationHealth, bool, HealthAnswer> judge, string summary)
    {
        RequestDelegate answer = new Probe(judge).AnswerAsync;
        group.MapMethods(path, JsonAnswer.Methods, answer).Describe(
            answer,
            summary,
            EndpointDescription.Json<HealthAnswer>(),
            EndpointDescription.Json<HealthAnswer>(StatusCodes.Status503ServiceUnavailable));
    }

    /// <summary>One probe. Once everything is ready and watched its answer is written once and given out again.</summary>
    private sealed class Probe(Func<MigrationHealth, bool, HealthAnswer> judge)
    {
        private byte[]? _settled;

        public Task AnswerAsync(HttpContext context)
        {
            var services = context.RequestServices;
            var health = services.GetRequiredService<MigrationHealth>();
            HealthAnswer Judge() => judge(health, StatusAddress.MayName(services, context.GetEndpoint()));
            if (!services.GetRequiredService<MigrationRuns>().State.IsReady || !services.GetRequiredService<Watchdog>().IsAlive)
                return AnswerAsync(context, Judge());
            _settled ??= JsonSerializer.SerializeToUtf8Bytes(Judge(), StatusJson.Default.HealthAnswer);
            return JsonAnswer.WriteAsync(context, StatusCodes.Status200OK, _settled);
        }

        private static Task AnswerAsync(HttpContext context, HealthAnswer answer) => JsonAnswer.WriteAsync(
            context,
            answer.Status == HealthStatus.Unhealthy ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK,
            answer,
            StatusJson.Default.HealthAnswer);
    }
}
