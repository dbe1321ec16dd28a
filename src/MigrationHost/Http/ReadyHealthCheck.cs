using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MigrationHost.Http;

/// <summary>The same judgement as <c>/health/ready</c>, for hosts that map their own health checks by tag.</summary>
internal sealed class ReadyHealthCheck(MigrationHealth health, IServiceProvider services) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(health.Ready(StatusAddress.MayName(services, endpoint: null)).ToResult());
}
