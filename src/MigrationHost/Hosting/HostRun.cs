using MigrationHost.Http;
using MigrationHost.Masking;
using MigrationHost.Running;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MigrationHost.Hosting;

/// <summary>Runs a host to its end and says with which code the process is to end.</summary>
internal static class HostRun
{
    public static async Task<int> RunAsync(IHost host)
    {
        var signals = host.Services.GetRequiredService<StopSignals>();
        try
        {
            // Before the start, which would log the same with a stack trace.
            _ = host.Services.GetRequiredService<IOptions<MigrationHostOptions>>().Value;
            return await StartAndWaitAsync(host, signals).ConfigureAwait(false);
        }
        catch (OptionsValidationException e)
        {
            Log.InvalidConfiguration(Logger(host), string.Join(Environment.NewLine, e.Failures.Select(failure => $"  - {failure}")));
            return ExitCodes.InvalidConfiguration;
        }
        catch (Exception e) when (ServerRefusal.Of(e) is { } refusal)
        {
            Log.ServerRefused(Logger(host), refusal);
            return ExitCodes.InvalidConfiguration;
        }
        catch (Exception e) when (e is not HostAbortedException)
        {
            // The edge: an exception that left Main would end the process with 134.
            Log.HostFailed(new MaskedLogger(Logger(host), host.Services.GetRequiredService<Secrets>()), e);
            return ExitCodes.Unexpected;
        }
        finally
        {
            await ((IAsyncDisposable)host).DisposeAsync().ConfigureAwait(false);
        }
    }

    private static async Task<int> StartAndWaitAsync(IHost host, StopSignals signals)
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

        var migrations = host.Services.GetRequiredService<MigrationHostedService>();
        await migrations.StopAsync(CancellationToken.None).ConfigureAwait(false);
        return migrations.FailureExitCode
            ?? (host.Services.GetRequiredService<MigrationRuns>().State.IsReady ? ExitCodes.Success : signals.ExitCode);
    }

    private static ILogger Logger(IHost host) => host.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(HostRun));
}
