using System.Security.Cryptography;
using MigrationHost.Masking;
using MigrationHost.Platform;
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
            provider.GetService<LeastLevel>() ?? LeastLevel.OfAnyLog));
        services.TryAddSingleton<Watchdog>();
        services.TryAddSingleton(provider => new ContentRoot(provider.GetRequiredService<IHostEnvironment>().ContentRootPath));
        services.TryAddSingleton(provider => Secrets.Of(provider.GetRequiredService<IOptions<MigrationHostOptions>>().Value));
        services.TryAddSingleton(provider =>
        {
            LoadAhead(provider.GetRequiredService<ProviderRegistry>(), provider.GetRequiredService<IOptions<MigrationHostOptions>>().Value);
            return ActivatorUtilities.CreateInstance<RunFactory>(provider).Create();
        });
        return services;
    }

    /// <summary>What a container has for a command. It goes with it.</summary>
    public static OwnedRuns Of(IServiceProvider services) => new(
        services.GetRequiredService<MigrationRuns>,
        services.GetRequiredService<ContentRoot>().Path,
        services.GetRequiredService<Outbox>(),
        ((IAsyncDisposable)services).DisposeAsync);

    /// <summary>What is wrong with the settings, for who has found something else in their way.</summary>
    public static IEnumerable<string> Problems(IConfiguration configuration, ContentRoot contentRoot)
    {
        var (providers, engines) = (new ProviderRegistry(KnownKinds.Providers), new EngineRegistry(KnownKinds.Engines));
        return Validate(providers, engines, contentRoot, Read(providers, engines, configuration, null)).Failures ?? [];
    }

    /// <summary>The same runs without a container, which takes longer to build than most commands work.</summary>
    /// <param name="configuration">The settings.</param>
    /// <param name="contentRoot">What relative paths count from.</param>
    /// <param name="least">What is heard of the log.</param>
    /// <param name="makeLoggers">Makes the log once there is a line for it.</param>
    /// <param name="configure">Changes to the settings in code.</param>
    public static OwnedRuns WithoutContainer(
        IConfiguration configuration,
        ContentRoot contentRoot,
        LeastLevel least,
        Func<ILoggerFactory> makeLoggers,
        Action<MigrationHostOptions>? configure = null)
    {
        var made = new Lazy<ILoggerFactory>(makeLoggers);
        var outbox = new Outbox(dropped => Log.LinesDropped(made.Value.CreateLogger<Outbox>(), dropped));
        var loggers = new QueuedLoggers(() => made.Value, outbox, least);
        var watchdog = new Watchdog(TimeProvider.System, loggers);
        return new OwnedRuns(Make, contentRoot.Path, outbox, Release);

        MigrationRuns Make()
        {
            var (providers, engines) = (new ProviderRegistry(KnownKinds.Providers), new EngineRegistry(KnownKinds.Engines));
            var options = Read(providers, engines, configuration, configure);
            LoadAhead(providers, options);
            var validation = Validate(providers, engines, contentRoot, options);
            if (validation.Failed)
                throw new OptionsValidationException(MigrationHostOptions.SectionName, typeof(MigrationHostOptions), validation.Failures);
            return new RunFactory(
                Options.Create(options), providers, engines, Secrets.Of(options), contentRoot, watchdog, TimeProvider.System, loggers, [])
                .Create();
        }

        ValueTask Release()
        {
            watchdog.Dispose();
            outbox.Dispose();
            if (made.IsValueCreated)
                made.Value.Dispose();
            return ValueTask.CompletedTask;
        }
    }

    private static MigrationHostOptions Read(
        ProviderRegistry providers, EngineRegistry engines, IConfiguration configuration, Action<MigrationHostOptions>? configure)
    {
        var (reader, options) = (new OptionsReader(providers, engines), new MigrationHostOptions());
        reader.Read(configuration, options);
        configure?.Invoke(options);
        reader.Complete(configuration, options);
        return options;
    }

    private static ValidateOptionsResult Validate(
        ProviderRegistry providers, EngineRegistry engines, ContentRoot contentRoot, MigrationHostOptions options) =>
        new OptionsValidator(providers, engines, contentRoot, new TestRun(null)).Validate(null, options);

    // A fifth of a start is spent in loading the driver and what hashes files: another thread does that while the settings are checked
    // or the application is put together.
    private static void LoadAhead(ProviderRegistry providers, MigrationHostOptions options) => BackgroundThread.Start(
        "migrationhost-ahead",
        () =>
        {
            foreach (var provider in providers.All.Where(known => options.Databases.Values.Any(used => used.Provider == known.Kind)))
                provider.LoadDriver();
            SHA256.HashData([]);
        });
}
