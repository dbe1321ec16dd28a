using MigrationHost;
using MigrationHost.Commands;
using MigrationHost.Hosting;
using MigrationHost.Http;
using MigrationHost.Running;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>What an application calls to have its databases migrated before it takes traffic.</summary>
public static class MigrationHostExtensions
{
    /// <summary>
    /// Migrates the configured databases when the host starts, and registers <see cref="IMigrationState"/> and health
    /// checks with the tags <c>ready</c> and <c>live</c>.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configuration">The application's configuration: the sections <c>MigrationHost</c>
    /// and <c>ConnectionStrings</c> are read.</param>
    /// <param name="configure">Changes to the settings in code.</param>
    /// <returns>A builder for databases that are registered in code.</returns>
    /// <remarks>
    /// Settings that are wrong fail the start of the host with an <see cref="OptionsValidationException"/> that lists every problem.
    /// </remarks>
    public static MigrationHostBuilder AddMigrationHost(
        this IServiceCollection services,
        IConfiguration configuration,
        Action<MigrationHostOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configuration);

        services.AddMigrationRuns(configuration, configure);
        services.TryAddSingleton<IMigrationState>(provider => provider.GetRequiredService<MigrationRuns>().State);
        services.TryAddSingleton(ShownDetail.ToTraffic);
        services.TryAddSingleton<MigrationHealth>();
        services.TryAddSingleton<StatusEvents>();
        services.AddRouting();
        services.AddMetrics();
        services.TryAddSingleton<PrometheusMetrics>();
        services.TryAddSingleton<MigrationMetrics>();
        services.TryAddSingleton<SystemdNotice>();
        services.TryAddSingleton<ManagementServer>();
        services.TryAddSingleton(_ => new StopSignals());
        services.TryAddSingleton<MigrationHostedService>();
        if (DesignTimeHost.Tool is null)
        {
            services.AddOptions<MigrationHostOptions>().ValidateOnStart();
            services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, MigrationHostedService>(
                provider => provider.GetRequiredService<MigrationHostedService>()));
            services.TryAddEnumerable(ServiceDescriptor.Singleton<IStartupFilter, MigrationGateFilter>());
        }
        else
            services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, DesignTimeNotice>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<HostOptions>, ShutdownTimeout>());
        services.AddHealthChecks();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<HealthCheckServiceOptions>, MigrationHealthChecks>());
        return new MigrationHostBuilder(services, configuration);
    }

    /// <summary>
    /// Answers 503 until every database is ready, except to health, status and endpoints marked with
    /// <see cref="AllowBeforeReady{TBuilder}"/>. Added by itself, first in the pipeline, when <c>Startup</c> is <c>Gate</c>.
    /// </summary>
    /// <remarks>
    /// Until then nothing behind it runs. It honours the path bases of <c>UsePathBase</c>. It does not know one that another middleware
    /// takes off: map the endpoints there too (<c>app.MapGroup("/shop").MapMigrationHealth()</c>).
    /// </remarks>
    /// <param name="app">The pipeline.</param>
    public static IApplicationBuilder UseMigrationGate(this IApplicationBuilder app) => app.UseMiddleware<MigrationGate>();

    /// <summary>Maps <c>/health/live</c>, <c>/health/startup</c> and <c>/health/ready</c>.</summary>
    /// <param name="endpoints">The application's endpoints.</param>
    /// <returns>A builder for conventions on all three, such as <c>RequireHost</c>.</returns>
    public static IEndpointConventionBuilder MapMigrationHealth(this IEndpointRouteBuilder endpoints) =>
        HealthEndpoints.Map(endpoints);

    /// <summary>Maps <c>/migrations</c> and <c>/migrations/{database}/locks</c>.</summary>
    /// <param name="endpoints">The application's endpoints.</param>
    /// <returns>A builder for conventions on both, such as <c>RequireAuthorization</c>.</returns>
    public static IEndpointConventionBuilder MapMigrationStatus(this IEndpointRouteBuilder endpoints) =>
        StatusEndpoints.Map(endpoints);

    /// <summary>
    /// Maps <c>/metrics</c>: the meter <c>MigrationHost</c> in the text form of Prometheus. It answers 404 unless the setting
    /// <c>Metrics</c> is <c>On</c>; <c>ManagementUrl</c> has it anyway.
    /// </summary>
    /// <remarks>An application that has an exporter for Prometheus adds the meter there instead.</remarks>
    /// <param name="endpoints">The application's endpoints.</param>
    /// <returns>A builder for conventions on it, such as <c>RequireHost</c>.</returns>
    public static IEndpointConventionBuilder MapMigrationMetrics(this IEndpointRouteBuilder endpoints) =>
        MetricsEndpoint.MapOnTraffic(endpoints);

    /// <summary>
    /// Runs the host until it is stopped, or the command that the arguments name, and returns the exit code for <c>Main</c>.
    /// </summary>
    /// <param name="host">The host.</param>
    /// <param name="args">
    /// The application's arguments. If the first one, settings aside, is a word, it is a command: <c>serve</c>, <c>migrate</c>,
    /// <c>status</c>, <c>validate</c>, <c>new</c>, <c>script</c>, <c>down</c>, <c>locks</c>, <c>resolve</c>, <c>baseline</c>,
    /// <c>doctor</c>, <c>healthcheck</c>, <c>explain</c> or <c>completion</c>, with the options and exit codes that <c>--help</c>
    /// shows; a word that is none of them ends with code 2. A command opens no port and starts none of the host's
    /// services; its answer goes to stdout, and what the application writes to the console goes to stderr. Without a command, or
    /// if this is left out, the host serves.
    /// </param>
    /// <returns>
    /// After serving 0 if the service was ready when it was stopped, else the code of what kept it from becoming so. The application's own
    /// <see cref="Environment.ExitCode"/> comes before both, unless a migration has stopped the host.
    /// </returns>
    /// <remarks>Health and status are mapped unless the application maps them, or <c>ManagementUrl</c> has them; with
    /// <c>Metrics: On</c> so is <c>/metrics</c>. At a path that the application has itself they answer until the databases are ready,
    /// and from then on the application does.
    /// With a plain <c>Run</c> the process ends with 134 and a stack trace when it is told to stop while <c>Startup</c> is
    /// <c>Block</c> and the databases are not ready.</remarks>
    public static Task<int> RunWithMigrationsAsync(this IHost host, string[]? args = null)
    {
        ArgumentNullException.ThrowIfNull(host);
        return new BuiltHost(host).RunAsync(args ?? []);
    }

    /// <summary>Lets an endpoint through the gate before the databases are ready. It must not use them.</summary>
    /// <remarks>
    /// Until then the gate runs it itself, without the application's middleware, but with the authentication, authorization, CORS and
    /// antiforgery that the endpoint asks for. What protects it must be on the endpoint (<c>RequireAuthorization</c>, an endpoint
    /// filter): no middleware protects it before ready.
    /// </remarks>
    /// <typeparam name="TBuilder">The endpoint's builder.</typeparam>
    /// <param name="builder">The endpoint.</param>
    public static TBuilder AllowBeforeReady<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(AllowBeforeReadyMetadata.Instance);
}
