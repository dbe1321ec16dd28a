using MigrationHost.Engines;
using MigrationHost.Http;
using MigrationHost.Masking;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace MigrationHost;

/// <summary>What an application calls to have its databases migrated before it takes traffic.</summary>
public static class MigrationHostExtensions
{
    /// <summary>Migrates the configured databases when the host starts, and registers <see cref="IMigrationState"/> and health checks with the tags <c>ready</c> and <c>live</c>.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configuration">The application's configuration: the sections <c>MigrationHost</c> and <c>ConnectionStrings</c> are read.</param>
    /// <param name="configure">Changes to the settings in code.</param>
    /// <remarks>Settings that are wrong fail the start of the host with an <see cref="OptionsValidationException"/> that lists every problem.</remarks>
    public static IServiceCollection AddMigrationHost(this IServiceCollection services, IConfiguration configuration, Action<MigrationHostOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configuration);

        services.AddOptions<MigrationHostOptions>()
            .Configure(options => OptionsReader.Read(configuration, options))
            .Configure(options => configure?.Invoke(options))
            .PostConfigure(options => OptionsReader.ReadDatabaseUrl(configuration, options))
            .ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<MigrationHostOptions>, OptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<Watchdog>();
        services.TryAddSingleton(provider => Secrets.Of(provider.GetRequiredService<IOptions<MigrationHostOptions>>().Value));
        services.TryAddSingleton<MigrationRuns>();
        services.TryAddSingleton<IMigrationState>(provider => provider.GetRequiredService<MigrationRuns>().State);
        services.TryAddSingleton<MigrationHealth>();
        services.AddMetrics();
        services.TryAddSingleton<MigrationMetrics>();
        services.TryAddSingleton<ManagementServer>();
        services.TryAddSingleton(_ => new StopSignals());
        services.TryAddSingleton<MigrationHostedService>();
        services.AddHostedService(provider => provider.GetRequiredService<MigrationHostedService>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IStartupFilter, MigrationGateFilter>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<HostOptions>, ShutdownTimeout>());
        services.AddHealthChecks()
            .AddCheck<ReadyHealthCheck>("migrations", tags: ["ready"])
            .AddCheck<LiveHealthCheck>("migrationhost", tags: ["live"]);
        return services;
    }

    /// <summary>Answers 503 until every database is ready, except to health, status and endpoints marked with <see cref="AllowBeforeReady{TBuilder}"/>. Added by itself, first in the pipeline, when <c>Startup</c> is <c>Gate</c>.</summary>
    /// <param name="app">The pipeline.</param>
    public static IApplicationBuilder UseMigrationGate(this IApplicationBuilder app) => app.UseMiddleware<MigrationGate>();

    /// <summary>Maps <c>/health/live</c>, <c>/health/startup</c> and <c>/health/ready</c>.</summary>
    /// <param name="endpoints">The application's endpoints.</param>
    /// <returns>A builder for conventions on all three, such as <c>RequireHost</c>.</returns>
    public static IEndpointConventionBuilder MapMigrationHealth(this IEndpointRouteBuilder endpoints) => HealthEndpoints.Map(endpoints).AllowBeforeReady();

    /// <summary>Maps <c>/migrations</c> and <c>/migrations/{database}/locks</c>.</summary>
    /// <param name="endpoints">The application's endpoints.</param>
    /// <returns>A builder for conventions on both, such as <c>RequireAuthorization</c>.</returns>
    public static IEndpointConventionBuilder MapMigrationStatus(this IEndpointRouteBuilder endpoints) => StatusEndpoints.Map(endpoints).AllowBeforeReady();

    /// <summary>Runs the host until it is stopped, and returns the exit code for <c>Main</c>: 0 after a stop of a service that was ready, else the code of what kept it from becoming so.</summary>
    /// <param name="host">The host.</param>
    /// <remarks>With a plain <c>Run</c> the process ends with 134 and a stack trace when it is told to stop while <c>Startup</c> is <c>Block</c> and the databases are not ready.</remarks>
    public static Task<int> RunWithMigrationsAsync(this IHost host) => HostRun.RunAsync(host);

    /// <summary>Lets an endpoint through the gate before the databases are ready. It must not use them.</summary>
    /// <typeparam name="TBuilder">The endpoint's builder.</typeparam>
    /// <param name="builder">The endpoint.</param>
    public static TBuilder AllowBeforeReady<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(AllowBeforeReadyMetadata.Instance);
}
