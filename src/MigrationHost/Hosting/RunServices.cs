using MigrationHost.Masking;
using MigrationHost.Running;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MigrationHost.Hosting;

/// <summary>What a run needs, with a web application around it or without: a command starts in a fraction of the time without.</summary>
internal static class RunServices
{
    public static IServiceCollection AddMigrationRuns(
        this IServiceCollection services, IConfiguration configuration, Action<MigrationHostOptions>? configure = null)
    {
        services.AddKnownKinds();
        services.TryAddSingleton<TestRun>();
        services.TryAddSingleton<OptionsReader>();

        // A second call adds its changes; reading the same configuration again would undo those of the first.
        var settings = services.AddOptions<MigrationHostOptions>();
        if (!services.Any(service => service.ImplementationInstance is ConfigurationRead known && known.Configuration == configuration))
        {
            services.AddSingleton(new ConfigurationRead(configuration));
            settings.Configure<OptionsReader>((options, reader) => reader.Read(configuration, options));
        }
        settings.Configure(options => configure?.Invoke(options))
            .PostConfigure<OptionsReader>((options, reader) => reader.Complete(configuration, options));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<MigrationHostOptions>, OptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new Outbox(
            dropped => Log.LinesDropped(provider.GetRequiredService<ILogger<Outbox>>(), dropped)));
        services.TryAddSingleton(provider => new QueuedLoggers(
            provider.GetRequiredService<ILoggerFactory>,
            provider.GetRequiredService<Outbox>(),
            provider.GetService<LeastLevel>()?.Level ?? LogLevel.Information));
        services.TryAddSingleton<Watchdog>();
        services.TryAddSingleton(provider => new ContentRoot(provider.GetRequiredService<IHostEnvironment>().ContentRootPath));
        services.TryAddSingleton(provider => Secrets.Of(provider.GetRequiredService<IOptions<MigrationHostOptions>>().Value));
        services.TryAddSingleton(provider => ActivatorUtilities.CreateInstance<RunFactory>(provider).Create());
        return services;
    }
}
