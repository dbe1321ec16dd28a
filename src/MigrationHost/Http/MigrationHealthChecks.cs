using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace MigrationHost.Http;

/// <summary>Adds our health checks after all of the application's: those may have our names, and two of one name are an error.</summary>
internal sealed class MigrationHealthChecks : IPostConfigureOptions<HealthCheckServiceOptions>
{
    public void PostConfigure(string? name, HealthCheckServiceOptions options)
    {
        Add<ReadyHealthCheck>(options, "migrations", "ready");
        Add<LiveHealthCheck>(options, "migrationhost", "live");
    }

    private static void Add<T>(HealthCheckServiceOptions options, string name, string tag) where T : class, IHealthCheck
    {
        var taken = options.Registrations.Select(registration => registration.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        while (taken.Contains(name))
            name = $"migrationhost-{name}";
        options.Registrations.Add(
            new HealthCheckRegistration(name, ActivatorUtilities.GetServiceOrCreateInstance<T>, failureStatus: null, [tag]));
    }
}
