using System.CommandLine;
using MigrationHost.Engines;
using MigrationHost.Running;
using MigrationHost.Scripts;

namespace MigrationHost.Commands;

/// <summary>Undoes migrations with the parts that their folder has for that.</summary>
internal static class DownCommand
{
    public const string Name = "down";

    public static Command Create(ICommandHosts hosts)
    {
        var to = new Option<string?>("--to")
        {
            Description = $"Undo everything above this version; '{BeforeAll.Name}' leaves nothing applied (default: the last migration)",
            HelpName = "VERSION",
        };
        var dryRun = new Option<bool>("--dry-run") { Description = "Show what would be undone, and change nothing" };
        var command = CommonOptions.ToCommand(Name,
            """
            Undoes the last migration, or all above a version, with the parts that undo: <version>_<description>.down.sql in a folder
            of our own, the tool's own form in that of another tool. Data that only a migration's tables had is gone then.

            Example: migrationhost down --to 11 --dry-run
            """,
            to,
            dryRun);
        command.SetAction((parsed, _) => CommandHost.RunOnOneAsync(
            hosts,
            CommonOptions.Of(parsed),
            (host, run) => RunAsync(host, run, parsed.GetValue(to), parsed.GetValue(dryRun), CommonOptions.Of(parsed).IsJson)));
        return command;
    }

    private static async Task<int> RunAsync(CommandHost host, DatabaseRun run, string? to, bool dryRun, bool json)
    {
        if (to is not null and not BeforeAll.Name && run.Engine.VersionProblem(to) is { } problem)
            return CommandHost.Refuse([$"--to: {problem}"]);
        var (scripts, error) = await run.OnHistoryAsync(
            "down",
            (history, watch) => history.DownAsync(watch, to, dryRun, Say),
            host.Stopping).ConfigureAwait(false);
        foreach (var script in dryRun ? scripts ?? [] : [])
            Say(script);
        var code = host.CodeOf([error]) ?? ExitCodes.Success;
        var status = run.State.Read();
        if (json)
            Answer.WriteLine(JsonLines.Summary(host.State.Current, [error], code));
        else if (error is not null)
            Answer.WriteLines(ErrorText.Of(status, error));
        else
            Write(status, scripts!, dryRun);
        return code;

        void Say(Migration script) => Answer.WriteLine(json
            ? JsonLines.Event(
                "undone",
                run.State.Name,
                ("dryRun", dryRun),
                ("migration", JsonLines.Migration(script.Version, script.Description)),
                ("file", script.File))
            : $"{run.State.Name}  {(dryRun ? "would undo" : "undid")} {script.Version} {script.Description} ({script.File})");
    }

    private static void Write(DatabaseStatus status, IReadOnlyList<Migration> scripts, bool dryRun)
    {
        var counts = $"{PlaceText.Of(status)}, {status.AppliedCount} applied, {status.PendingCount} pending ({status.Target})";
        Answer.WriteLine($"{status.Name}  {(scripts.Count == 0 ? "nothing to undo: " : "")}{counts}");
        if (scripts.Count > 0 && !dryRun)
            Answer.WriteLine($"{status.Name}  a running service does not notice; its next start applies what is pending again");
    }
}
