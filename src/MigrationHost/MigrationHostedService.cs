using MigrationHost.Engines;
using MigrationHost.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MigrationHost;

/// <summary>From container start to ready: the watchdog, metrics, the management address, then all databases side by side.</summary>
internal sealed class MigrationHostedService(
    MigrationRuns runs,
    Watchdog watchdog,
    MigrationMetrics metrics,
    ManagementServer management,
    StopSignals signals,
    IOptions<MigrationHostOptions> options,
    IHostApplicationLifetime lifetime,
    ILogger<MigrationHostedService> logger) : IHostedLifecycleService
{
    private Task _migration = Task.CompletedTask;

    /// <summary>The exit code of the failure that stopped the host; null where none did.</summary>
    public int? FailureExitCode { get; private set; }

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        signals.ListenFirst();
        watchdog.Start();
        metrics.Publish();
        await management.StartAsync(cancellationToken).ConfigureAwait(false);
        _migration = MigrateAllAsync(lifetime.ApplicationStopping);
        if (options.Value.Startup == StartupMode.Block)
            await BlockAsync(cancellationToken).ConfigureAwait(false);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => _migration.WaitAsync(cancellationToken);

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task MigrateAllAsync(CancellationToken stopping)
    {
        var stopOnFailure = options.Value.OnFailure == FailureAction.StopHost;
        TimeSpan? retryInterval = stopOnFailure ? null : options.Value.RetryInterval;
        var errors = await Task.WhenAll(runs.All.Select(run => run.MigrateAsync(retryInterval, null, stopping))).ConfigureAwait(false);
        if (!stopOnFailure || stopping.IsCancellationRequested || errors.FirstOrDefault(error => error is not null) is not { } failure)
            return;

        // A host that was stopped ends with 0 unless somebody says otherwise.
        FailureExitCode = Environment.ExitCode = failure.ExitCode;
        Log.StoppingHost(logger, failure.ExitCode);
        lifetime.StopApplication();
    }

    // A failure that stays is no reason to let the rest of the host start, nor is being told to stop.
    private async Task BlockAsync(CancellationToken cancellationToken)
    {
        try
        {
            await runs.State.WaitUntilReadyAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await _migration.ConfigureAwait(false);
        }
    }
}
