using MigrationHost.Http;
using MigrationHost.Masking;
using MigrationHost.Platform;
using MigrationHost.Running;
using MigrationHost.Scripts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MigrationHost.Hosting;

/// <summary>Runs a host to its end and returns the exit code of the process.</summary>
internal static class HostRun
{
    /// <summary>How much longer than its own limit the end of a host may take.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    /// <summary>Runs it. A log provider of the host that blocks holds up the host itself, but not the end of the process.</summary>
    public static async Task<int> RunAsync(IHost host)
    {
        // The host's services may be gone by the time that these are asked.
        var signals = host.Services.GetRequiredService<StopSignals>();
        var limit = host.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout;
        Func<int> exitCode = () => signals.ExitCode;
        var run = Task.Run(() => RunToEndAsync(host, known => exitCode = known));
        await Task.WhenAny(run, OverdueAsync(limit, signals)).ConfigureAwait(false);
        return run.IsCompleted ? await run.ConfigureAwait(false) : exitCode();
    }

    /// <param name="host">The host.</param>
    /// <param name="settingsAreRight">Is told how the exit code is found, once there are databases to ask.</param>
    private static async Task<int> RunToEndAsync(IHost host, Action<Func<int>> settingsAreRight)
    {
        var isOfFactory = false;
        try
        {
            isOfFactory = host.Services.GetRequiredService<TestRun>().IsOfFactory;
            if (isOfFactory)
            {
                await StartAndWaitAsync(host).ConfigureAwait(false);
                return ExitCodes.Success;
            }

            // Before the start, which would log the same with a stack trace.
            _ = host.Services.GetRequiredService<IOptions<MigrationHostOptions>>().Value;
            var exitCode = ExitCodeOf(host);
            settingsAreRight(exitCode);
            await StartAndWaitAsync(host).ConfigureAwait(false);
            await host.Services.GetRequiredService<MigrationHostedService>().StopAsync(CancellationToken.None).ConfigureAwait(false);
            var code = exitCode();
            if (code != ExitCodes.Success)
                LastWords.Leave(host.Services.GetRequiredService<MigrationRuns>().State.Current);
            return code;
        }
        catch when (isOfFactory)
        {
            // The test is to get it as it is.
            throw;
        }
        catch (OptionsValidationException e)
        {
            string[] failures = [.. ProblemList.First([.. e.Failures])];
            TerminationLog.Write(failures);
            var problems = failures.Select(failure => $"  - {PlainText.Lines(failure)}");
            Log.InvalidConfiguration(Logger(host), string.Join(Environment.NewLine, problems));
            return ExitCodes.InvalidConfiguration;
        }
        catch (Exception e) when (ServerRefusal.Of(e) is { } refusal)
        {
            Log.ServerRefused(Logger(host), refusal);
            return ExitCodes.InvalidConfiguration;
        }
        catch (Exception e) when (e is not (HostAbortedException or MigrationException))
        {
            // The edge: an exception that left Main would end the process with 134.
            Log.HostFailed(new MaskedLogger(Logger(host), host.Services.GetRequiredService<Secrets>()), e);
            return ExitCodes.Unexpected;
        }
        finally
        {
            await OwnedRuns.ReleaseAsync(host.Services.GetRequiredService<Outbox>(), ((IAsyncDisposable)host).DisposeAsync)
                .ConfigureAwait(false);
        }
    }

    private static async Task StartAndWaitAsync(IHost host)
    {
        var stopping = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        try
        {
            await host.StartAsync().ConfigureAwait(false);
            await host.WaitForShutdownAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // A host that is told to stop while it still starts ends its start with this.
        }
    }

    /// <summary>Completes when the host has been told to stop and should have ended long ago.</summary>
    private static async Task OverdueAsync(TimeSpan limit, StopSignals signals)
    {
        await signals.Stopped.ConfigureAwait(false);
        var longest = limit == Timeout.InfiniteTimeSpan ? limit : limit + Longest;
        await Task.Delay(longest, TimeProvider.System, CancellationToken.None).ConfigureAwait(false);
    }

    private static Func<int> ExitCodeOf(IHost host)
    {
        var signals = host.Services.GetRequiredService<StopSignals>();
        var service = host.Services.GetRequiredService<MigrationHostedService>();
        var runs = host.Services.GetRequiredService<MigrationRuns>();
        return () => service.FailureExitCode
            ?? (Environment.ExitCode is not ExitCodes.Success and var own ? own
                : runs.State.IsReady ? ExitCodes.Success
                : signals.ExitCode);
    }

    private static ILogger Logger(IHost host) => host.Services.GetRequiredService<QueuedLoggers>().CreateLogger(typeof(HostRun).FullName!);
}
