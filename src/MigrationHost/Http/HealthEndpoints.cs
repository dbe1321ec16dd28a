using System.Text.Json;
using MigrationHost.Running;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MigrationHost.Http;

/// <summary>The three probes.</summary>
/// <remarks>Their services are looked up when somebody asks: settings that are wrong are for the start of the host to report, not for the mapping.</remarks>
internal static class HealthEndpoints
{
    public static RouteGroupBuilder Map(IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("/health");
        group.MapMethods("/live", JsonAnswer.Methods, new Probe(health => health.Live()).AnswerAsync);
        group.MapMethods("/startup", JsonAnswer.Methods, new Probe(health => health.Startup()).AnswerAsync);
        group.MapMethods("/ready", JsonAnswer.Methods, new Probe(health => health.Ready()).AnswerAsync);
        return group.WithMetadata(AllowBeforeReadyMetadata.Own);
    }

    /// <summary>One probe. Once everything is ready and watched its answer is written once and given out again.</summary>
    private sealed class Probe(Func<MigrationHealth, HealthAnswer> judge)
    {
        private byte[]? _settled;

        public Task AnswerAsync(HttpContext context)
        {
            var services = context.RequestServices;
            var health = services.GetRequiredService<MigrationHealth>();
            if (!services.GetRequiredService<MigrationRuns>().State.IsReady || !services.GetRequiredService<Watchdog>().IsAlive)
                return AnswerAsync(context, judge(health));
            _settled ??= JsonSerializer.SerializeToUtf8Bytes(judge(health), StatusJson.Default.HealthAnswer);
            return JsonAnswer.WriteAsync(context, StatusCodes.Status200OK, _settled);
        }

        private static Task AnswerAsync(HttpContext context, HealthAnswer answer) => JsonAnswer.WriteAsync(
            context,
            answer.Status == HealthStatus.Unhealthy ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK,
            answer,
            StatusJson.Default.HealthAnswer);
    }
}
