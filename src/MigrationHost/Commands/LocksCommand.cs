using System.CommandLine;
using System.Text.Json;
using MigrationHost.Http;

namespace MigrationHost.Commands;

/// <summary>Shows who holds what on each database right now.</summary>
internal static class LocksCommand
{
    public const string Name = "locks";

    private static readonly TimeSpan WatchEvery = TimeSpan.FromSeconds(1);

    public static Command Create(ICommandHosts hosts)
    {
        var watch = new Option<bool>("--watch") { Description = "Repeat every second until stopped" };
        var command = CommonOptions.ToCommand(Name,
            """
            Shows who holds which lock on each database. Exits with 0 if nobody holds a lock, 11 if someone does,
            3 if that could not be found out.

            Example: migrationhost locks --watch
            """,
            watch);
        command.SetAction((parsed, _) => CommandHost.RunAsync(
            hosts,
            CommonOptions.Of(parsed),
            story: false,
            reads: true,
            work: host => RunAsync(host, CommonOptions.Of(parsed), parsed.GetValue(watch))));
        return command;
    }

    private static async Task<int> RunAsync(CommandHost host, CommonOptions options, bool watch)
    {
        var paint = Paint.Of(options);
        while (true)
        {
            var diagnoses = await Task.WhenAll(host.Runs.Select(run => run.LookAtLocksAsync())).ConfigureAwait(false);
            LockReport[] reports = [.. diagnoses.Select(diagnosis => diagnosis.Report)];
            if (options.IsJson)
                Answer.WriteLine(JsonSerializer.Serialize(reports, StatusJson.Default.IReadOnlyListLockReport));
            else
                Answer.WriteText(string.Join('\n', reports.SelectMany(report => LockText.Of(report, paint))));
            var code = reports.Any(report => report.Holders.Count > 0) ? ExitCodes.LocksHeld
                : reports.Any(report => !report.Complete) ? ExitCodes.Of(MigrationErrorCode.DatabaseUnreachable)
                : ExitCodes.Success;
            if (!watch
                || !await Answer.DeliverAsync(Answer.Long, host.Stopping).ConfigureAwait(false)
                || await StoppedWithinAsync(WatchEvery, host.Stopping).ConfigureAwait(false))
                return code;
        }
    }

    private static async Task<bool> StoppedWithinAsync(TimeSpan time, CancellationToken stopping)
    {
        await Task.Delay(time, TimeProvider.System, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return stopping.IsCancellationRequested;
    }
}
