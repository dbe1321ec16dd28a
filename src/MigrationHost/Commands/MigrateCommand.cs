using System.CommandLine;
using MigrationHost.Hosting;

namespace MigrationHost.Commands;

/// <summary>Migrates and exits: for init containers, jobs and shells.</summary>
internal static class MigrateCommand
{
    public const string Name = "migrate";

    public static Command Create(ICommandHosts hosts)
    {
        var target = new Option<string?>("--target") { Description = "The highest version to apply", HelpName = "VERSION" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Show what would be applied, and exit like status" };
        var command = CommonOptions.ToCommand(Name,
            """
            Migrates all databases and exits with 0 once the schema is at the target.
            With --json: one JSON object a line; events first, the summary last.

            Example: migrationhost migrate --database app --target 12
            """,
            target,
            dryRun);
        command.SetAction((parsed, _) => CommandHost.RunAsync(
            hosts,
            CommonOptions.Of(parsed),
            story: CommonOptions.Of(parsed).IsJson,
            host => RunAsync(host, parsed.GetValue(target), parsed.GetValue(dryRun), CommonOptions.Of(parsed).IsJson),
            tools: !parsed.GetValue(dryRun),
            reads: parsed.GetValue(dryRun),
            traced: !parsed.GetValue(dryRun)));
        return command;
    }

    private static async Task<int> RunAsync(CommandHost host, string? target, bool dryRun, bool json)
    {
        if (target is not null)
        {
            if (host.Runs.Select(run => run.Engine.TargetProblem(target)).FirstOrDefault(problem => problem is not null) is { } problem)
                return CommandHost.Refuse([$"--target: {problem}"]);
            if (host.Runs.Count > 1)
                return CommandHost.Refuse([host.NeedsDatabase("--target")]);
        }
        return dryRun
            ? await PlanAsync(host, target, json).ConfigureAwait(false)
            : await MigrateAsync(host, target, json).ConfigureAwait(false);
    }

    private static async Task<int> PlanAsync(CommandHost host, string? target, bool json)
    {
        var look = await StatusLook.TakeAsync(host, target).ConfigureAwait(false);
        if (!json)
            StatusCommand.WriteText(look);
        else
        {
            foreach (var database in look.Status.Databases)
            {
                foreach (var pending in database.Pending)
                {
                    Answer.WriteLine(JsonLines.Event(
                        "pending",
                        database.Name,
                        ("migration", JsonLines.Migration(pending.Version, pending.Description))));
                }
            }
            Answer.WriteLine(JsonLines.Summary(look.Status, look.Errors, look.ExitCode));
        }
        return look.ExitCode;
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
            LastWords.Leave(host.State.Current);
            return code;
        }
    }
}
