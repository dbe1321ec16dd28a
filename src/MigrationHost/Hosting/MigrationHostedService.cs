using MigrationHost.Running;
using MigrationHost.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MigrationHost.Hosting;

/// <summary>From container start to ready: the watchdog, metrics, the management address, then all databases side by side.</summary>
internal sealed class MigrationHostedService(
    MigrationRuns runs,
    Watchdog watchdog,
    TimeProvider time,
    MigrationMetrics metrics,
    ManagementServer management,
    SystemdNotice systemd,
    StopSignals signals,
    TestRun test,
    IOptions<MigrationHostOptions> options,
    IHostApplicationLifetime lifetime,
    QueuedLoggers loggers,
    Outbox outbox) : IHostedLifecycleService, IDisposable
{
    /// <summary>
    /// How long the server may take to listen before the migrations begin all the same: a hosted service that waits for
    /// them in its own start keeps it from starting.
    /// </summary>
    private static readonly TimeSpan LongestHeadStart = TimeSpan.FromSeconds(3);

    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task<MigrationError?> _migration = Task.FromResult((MigrationError?)null);

    /// <summary>The exit code of the failure that stopped the host; null if none did.</summary>
    public int? FailureExitCode { get; private set; }

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        signals.ListenFirst();
        lifetime.ApplicationStopping.Register(signals.Stop);
        lifetime.ApplicationStopping.Register(runs.State.Stop);
        watchdog.Start();
        metrics.Publish();
        systemd.Start(Environment.GetEnvironmentVariable);
        await management.StartAsync(cancellationToken).ConfigureAwait(false);
        if (options.Value.Startup == StartupMode.Block)
            await BlockAsync(cancellationToken).ConfigureAwait(false);
        else
            _migration = MigrateBehindServerAsync(lifetime.ApplicationStopping);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        _started.TrySetResult();
        return test.IsOfFactory ? FinishAsync(cancellationToken) : Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _migration.WaitAsync(cancellationToken).ConfigureAwait(false);
        await outbox.DrainAsync(Outbox.LastWords).ConfigureAwait(false);
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>A host whose start failed is disposed without being stopped: then nothing begins.</summary>
    public void Dispose() => _started.TrySetCanceled(CancellationToken.None);

    // The server has the first word: a port that is taken or a certificate that is missing ends the start before a database is touched.
    private async Task<MigrationError?> MigrateBehindServerAsync(CancellationToken stopping)
    {
        await Task.WhenAny(_started.Task, Task.Delay(LongestHeadStart, time, stopping)).ConfigureAwait(false);
        return _started.Task.IsCanceled ? null : await MigrateAllAsync(stopping).ConfigureAwait(false);
    }

    private async Task<MigrationError?> MigrateAllAsync(CancellationToken stopping)
    {
        var stopOnFailure = options.Value.OnFailure == FailureAction.StopHost;
        TimeSpan? retryInterval = stopOnFailure || test.IsOfFactory ? null : options.Value.RetryInterval;
        var errors = await Task.WhenAll(runs.All.Select(run => run.MigrateAsync(retryInterval, null, stopping))).ConfigureAwait(false);
        if (stopping.IsCancellationRequested || errors.FirstOrDefault(error => error is not null) is not { } failure)
            return null;
        if (test.IsOne)
            runs.State.GiveUp(failure);
        if (stopOnFailure && !test.IsOfFactory)
            StopHost(failure.ExitCode);
        return failure;
    }

    // A host that was stopped ends with 0 unless somebody says otherwise.
    private void StopHost(int exitCode)
    {
        FailureExitCode = Environment.ExitCode = exitCode;
        Log.StoppingHost(loggers.CreateLogger<MigrationHostedService>(), exitCode);
        lifetime.StopApplication();
    }

    // What a test's factory waits for: the first request finds databases that are ready, or the test the reason why they are not.
    private async Task FinishAsync(CancellationToken cancellationToken)
    {
        if (await _migration.WaitAsync(cancellationToken).ConfigureAwait(false) is { } failure)
            throw new MigrationException(failure);
    }

    // A failure that stays is not a reason to let the rest of the host start, nor is being told to stop.
    private async Task BlockAsync(CancellationToken starting)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(starting, lifetime.ApplicationStopping);
        _migration = MigrateAllAsync(stopping.Token);
        try
        {
            await (test.IsOfFactory ? FinishAsync(starting) : runs.State.WaitUntilReadyAsync(starting)).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!test.IsOfFactory && !lifetime.ApplicationStopping.IsCancellationRequested)
        {
            await _migration.ConfigureAwait(false);
            StopStart();
            throw;
        }
        finally
        {
            await _migration.ConfigureAwait(false);
        }
    }

    // A host whose start is cancelled ends, with the code of what kept the databases from becoming ready.
    private void StopStart()
    {
        Log.StartCancelled(loggers.CreateLogger<MigrationHostedService>());
        StopHost(runs.State.Current.Databases.Select(database => database.Error?.ExitCode).FirstOrDefault(code => code is not null)
            ?? signals.ExitCode);
    }
}
