using System.Collections.Concurrent;
using System.CommandLine;
using System.Text.Json;
using MigrationHost.Databases;
using MigrationHost.Engines;
using MigrationHost.Http;
using Microsoft.Extensions.Options;
using Serilog.Events;

namespace MigrationHost.Api.Commands;

/// <summary>Checks everything that can be checked without migrating.</summary>
internal static class DoctorCommand
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    public static Command Create(string[] settings)
    {
        var json = CommandHost.JsonOption();
        var database = CommandHost.DatabaseOption();
        var command = new Command("doctor",
            """
            Checks settings, files, permissions, disk, versions and the database itself, and says what to do about each finding. Exits with 0 where there is no problem, else with 12.

            Example: migrationhost doctor --database app
            """) { json, database };
        command.SetAction((parsed, _) => RunAsync(settings, parsed.GetValue(database), parsed.GetValue(json)));
        return command;
    }

    private static async Task<int> RunAsync(string[] settings, string? database, bool json)
    {
        if (SettingProblems(settings) is { Count: > 0 } problems)
            return Answer(new DoctorReport(problems), json);
        return await CommandHost.RunAsync(settings, database, story: false, async host =>
        {
            try
            {
                var checks = await ExamineAsync(host).ConfigureAwait(false);
                return host.Stopping.IsCancellationRequested ? host.StoppedExitCode : Answer(new DoctorReport(checks), json);
            }
            catch (OperationCanceledException) when (host.Stopping.IsCancellationRequested)
            {
                return host.StoppedExitCode;
            }
        }).ConfigureAwait(false);
    }

    private static async Task<IReadOnlyList<DoctorCheck>> ExamineAsync(CommandHost host)
    {
        List<DoctorCheck> checks = [DoctorCheck.Ok("settings", "valid")];
        foreach (var run in host.Runs)
            checks.AddRange(await ExamineAsync(run, host.Stopping).ConfigureAwait(false));
        return checks;
    }

    // In the background: a look at a file may never come back. What was found until then is told.
    private static async Task<IReadOnlyList<DoctorCheck>> ExamineAsync(DatabaseRun run, CancellationToken stopping)
    {
        var found = new ConcurrentQueue<DoctorCheck>();
        try
        {
            await Task.Run(() => CollectAsync(run, found, stopping), stopping).WaitAsync(Longest, TimeProvider.System, stopping).ConfigureAwait(false);
            return [.. found];
        }
        catch (TimeoutException)
        {
            return [.. found, DoctorCheck.Problem("database", $"its checks did not come to an end within {Duration.Say(Longest)}", "A file or folder of it does not answer: look at its disk or network file system.") with { Database = run.State.Name }];
        }
    }

    private static async Task CollectAsync(DatabaseRun run, ConcurrentQueue<DoctorCheck> found, CancellationToken stopping)
    {
        await foreach (var check in Doctor.ExamineAsync(run, TimeProvider.System, stopping).ConfigureAwait(false))
            found.Enqueue(check);
    }

    /// <summary>To every other command settings that are wrong are the end; here they are findings.</summary>
    private static List<DoctorCheck> SettingProblems(string[] settings)
    {
        try
        {
            using var app = ProgramHost.ForCommand(settings, LogEventLevel.Warning).Build();
            _ = app.Services.GetRequiredService<IOptions<MigrationHostOptions>>().Value;
            return [];
        }
        catch (OptionsValidationException e)
        {
            return [.. e.Failures.Select(failure => DoctorCheck.Problem("settings", failure, "Correct the setting in appsettings.json, the environment or the command line."))];
        }
    }

    private static int Answer(DoctorReport report, bool json)
    {
        if (json)
            Console.Out.WriteLine(JsonSerializer.Serialize(report, StatusJson.Default.DoctorReport));
        else
            WriteText(report);
        return report.Ok ? ExitCodes.Success : ExitCodes.DoctorFoundProblem;
    }

    private static void WriteText(DoctorReport report)
    {
        foreach (var check in report.Checks)
        {
            Console.Out.WriteLine($"{check.Result.ToString().ToLowerInvariant(),-7}  {(check.Database is null ? "" : $"{check.Database}  ")}{check.Check}: {check.Message}");
            if (check.Remedy is not null)
                Console.Out.WriteLine($"         {check.Remedy}");
        }
        var warnings = Count(DoctorResult.Warning, "warning");
        Console.Out.WriteLine($"{(report.Ok ? "no problem" : Count(DoctorResult.Problem, "problem"))}{(warnings is null ? "" : $", {warnings}")} found");

        string? Count(DoctorResult result, string name) => report.Checks.Count(check => check.Result == result) switch { 0 => null, 1 => $"1 {name}", var count => $"{count} {name}s" };
    }
}
