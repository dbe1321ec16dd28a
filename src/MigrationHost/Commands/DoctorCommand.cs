using System.Collections.Concurrent;
using System.CommandLine;
using System.Text.Json;
using MigrationHost.Databases;
using MigrationHost.Running;
using MigrationHost.Http;
using MigrationHost.Scripts;

namespace MigrationHost.Commands;

/// <summary>Checks everything that can be checked without migrating.</summary>
internal static class DoctorCommand
{
    public const string Name = "doctor";

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    public static Command Create(ICommandHosts hosts)
    {
        var command = CommonOptions.ToCommand(Name,
            "Checks settings, files, permissions, disk, versions and the database itself, and says what to do about each finding. "
            + """
            Exits with 0 if there is no problem, else with 12.

            Example: migrationhost doctor --database app
            """);
        command.SetAction((parsed, _) => RunAsync(hosts, CommonOptions.Of(parsed)));
        return command;
    }

    private static Task<int> RunAsync(ICommandHosts hosts, CommonOptions options) => CommandHost.RunAsync(
        hosts,
        options,
        story: false,
        reads: true,
        invalid: failures => Answers(new DoctorReport([.. failures.Select(SettingProblem)]), options.IsJson),
        work: async host =>
        {
            try
            {
                var checks = await ExamineAsync(host).ConfigureAwait(false);
                return host.Stopping.IsCancellationRequested ? host.StoppedExitCode : Answers(new DoctorReport(checks), options.IsJson);
            }
            catch (OperationCanceledException) when (host.Stopping.IsCancellationRequested)
            {
                return host.StoppedExitCode;
            }
        });

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
            await Task.Run(() => CollectAsync(run, found, stopping), stopping)
                .WaitAsync(Longest, TimeProvider.System, stopping).ConfigureAwait(false);
            return [.. found];
        }
        catch (TimeoutException)
        {
            var unfinished = DoctorCheck.Problem(
                "database",
                $"its checks did not finish within {Duration.Say(Longest)}",
                "A file or folder of it does not answer: check its disk or network file system.");
            return [.. found, unfinished with { Database = run.State.Name }];
        }
    }

    private static async Task CollectAsync(DatabaseRun run, ConcurrentQueue<DoctorCheck> found, CancellationToken stopping)
    {
        await foreach (var check in Doctor.ExamineAsync(run, TimeProvider.System, stopping).ConfigureAwait(false))
            found.Enqueue(check);
    }

    // To every other command settings that are wrong are the end; here they are findings.
    private static DoctorCheck SettingProblem(string failure) =>
        DoctorCheck.Problem("settings", failure, "Correct the setting in appsettings.json, the environment or the command line.");

    private static int Answers(DoctorReport report, bool json)
    {
        if (json)
            Answer.WriteLine(JsonSerializer.Serialize(report, StatusJson.Default.DoctorReport));
        else
            WriteText(report);
        return report.Ok ? ExitCodes.Success : ExitCodes.DoctorFoundProblem;
    }

    private static void WriteText(DoctorReport report)
    {
        var shown = new Dictionary<(string?, string), int>();
        foreach (var check in report.Checks)
        {
            var count = shown[(check.Database, check.Check)] = shown.GetValueOrDefault((check.Database, check.Check)) + 1;
            if (count > ProblemList.MostShown)
                continue;
            var database = check.Database is null ? "" : $"{check.Database}  ";
            Answer.WriteLines([$"{check.Result.ToString().ToLowerInvariant(),-7}  {database}{check.Check}: {check.Message}"]);
            if (check.Remedy is not null)
                Answer.WriteLine($"         {check.Remedy}");
        }
        foreach (var ((database, check), count) in shown.Where(entry => entry.Value > ProblemList.MostShown))
            Answer.WriteLine($"{(database is null ? "" : $"{database}  ")}{check}: {ProblemList.More(count - ProblemList.MostShown)}");
        var warnings = Count(DoctorResult.Warning, "warning");
        Answer.WriteLine(
            $"{(report.Ok ? "no problem" : Count(DoctorResult.Problem, "problem"))}{(warnings is null ? "" : $", {warnings}")} found");

        string? Count(DoctorResult result, string name) => report.Checks.Count(check => check.Result == result) switch
        {
            0 => null,
            1 => $"1 {name}",
            var count => $"{count} {name}s",
        };
    }
}
