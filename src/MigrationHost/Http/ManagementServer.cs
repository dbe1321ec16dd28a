using MigrationHost.Running;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace MigrationHost.Http;

/// <summary>Health and status on an address of their own, up before anything else of the host.</summary>
internal sealed class ManagementServer(
    MigrationRuns runs,
    Watchdog watchdog,
    IOptions<MigrationHostOptions> options,
    PrometheusMetrics metrics,
    QueuedLoggers loggers) : IAsyncDisposable
{
    private WebApplication? _server;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value.ManagementUrl is not { } url)
            return;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls(url);
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<ILoggerFactory>(new OwnLoggers(loggers)).AddSingleton(runs).AddSingleton(watchdog)
            .AddSingleton(metrics);
        builder.Services.AddSingleton(ShownDetail.ToManagement(options)).AddSingleton<MigrationHealth>();
        builder.Services.AddSingleton<StatusEvents>().AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<IHostLifetime, HostedByAnother>();
        _server = builder.Build();
        _server.Use((context, next) =>
        {
            // Also of what is not found here.
            context.Response.Headers.CacheControl = "no-store";
            return next(context);
        });
        HealthEndpoints.Map(_server);
        StatusEndpoints.Map(_server);
        MetricsEndpoint.MapOnManagement(_server);
        await _server.StartAsync(cancellationToken).ConfigureAwait(false);
        Log.Management(loggers.CreateLogger<ManagementServer>(), url);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Where it listens is logged by us, and says what for.</summary>
    private sealed class OwnLoggers(QueuedLoggers all) : ILoggerFactory
    {
        public ILogger CreateLogger(string categoryName) =>
            categoryName == "Microsoft.Hosting.Lifetime" ? NullLogger.Instance : all.CreateLogger(categoryName);

        public void AddProvider(ILoggerProvider provider) => all.AddProvider(provider);

        public void Dispose()
        {
        }
    }

    /// <summary>Signals are the host's, not this server's.</summary>
    private sealed class HostedByAnother : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
