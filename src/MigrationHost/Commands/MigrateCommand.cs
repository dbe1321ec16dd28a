using System.CommandLine;

namespace MigrationHost.Commands;

/// <summary>Migrates and exits: for init containers, jobs and shells.</summary>
internal static class MigrateCommand
{
    public static Command Create(ICommandHosts hosts)
    {
        var target = new Option<string?>("--target") { Description = "The highest version to apply", HelpName = "VERSION" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Show what would be applied, and exit like status" };
        var json = CommandHost.JsonOption();
        json.Description = "One JSON object a line: events, the summary last";
        var database = CommandHost.DatabaseOption();
        var command = new Command("migrate",
            """
            Migrates all databases and exits with 0 once the schema is at the target.

            Example: migrationhost migrate --database app --target 12
            """) { target, dryRun, json, database };
        command.SetAction((parsed, _) => CommandHost.RunAsync(
            hosts,
            parsed.GetValue(database),
            story: parsed.GetValue(json),
            host => RunAsync(host, parsed.GetValue(target), parsed.GetValue(dryRun), parsed.GetValue(json)),
            tools: !parsed.GetValue(dryRun),
            reads: parsed.GetValue(dryRun)));
        return command;
    }

    private static async Task<int> RunAsync(CommandHost host, string? target, bool dryRun, bool json)
    {
        if (target is not null)
        {
            if (host.Runs.Select(run => run.Engine.TargetProblem(target)).FirstOrDefault(problem => problem is not null) is { } problem)
                return CommandHost.Refuse([$"--target: {problem}"]);
            if (host.Runs.Count > 1)
                return CommandHost.Refuse(
                    [$"--target needs --database if there are several: {string.Join(", ", host.Runs.Select(run => run.State.Name))}"]);
        }
        return dryRun
            ? await StatusCommand.RunAsync(host, target, json).ConfigureAwait(false)
            : await MigrateAsync(host, target, json).ConfigureAwait(false);
    }

    private static async Task<int> MigrateAsync(CommandHost host, string? target, bool json)
    {
        MigrationError?[] errors;
        using (RunReport report = json ? new JsonRunReport(host.State) : new TextRunReport(host.State))
        {
            errors = await Task.WhenAll(
                host.Runs.Select(run => run.MigrateAsync(retryInterval: null, target, host.Stopping))).ConfigureAwait(false);
            var code = host.CodeOf(errors) ?? ExitCodes.Success;
            report.Summarize(errors, code);
            return code;
        }
    }
}
