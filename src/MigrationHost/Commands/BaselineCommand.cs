using System.CommandLine;
using MigrationHost.Running;

namespace MigrationHost.Commands;

/// <summary>Begins the history of a database that was migrated by other means.</summary>
internal static class BaselineCommand
{
    public const string Name = "baseline";

    public static Command Create(ICommandHosts hosts)
    {
        var version = new Argument<string>("VERSION") { Description = "The last migration that the database has already" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Show what would be recorded, and change nothing" };
        var command = CommonOptions.ToCommand(Name,
            """
            Records everything up to VERSION as applied without running it: for a database that was migrated by another tool or by hand.
            Works only while there is no history.

            Example: migrationhost baseline 12 --dry-run
            """,
            version,
            dryRun);
        command.SetAction((parsed, _) => CommandHost.RunOnOneAsync(
            hosts,
            CommonOptions.Of(parsed),
            (host, run) => RunAsync(host, run, parsed.GetValue(version)!, parsed.GetValue(dryRun), CommonOptions.Of(parsed).IsJson)));
        return command;
    }

    private static async Task<int> RunAsync(CommandHost host, DatabaseRun run, string version, bool dryRun, bool json)
    {
        if (run.Engine.VersionProblem(version) is { } problem)
            return CommandHost.Refuse([$"VERSION: {problem}"]);
        var error = await run.OnHistoryAsync(
            "baseline",
            (history, watch) => history.BaselineAsync(watch, version, dryRun),
            host.Stopping).ConfigureAwait(false);
        var code = host.CodeOf([error]) ?? ExitCodes.Success;
        var status = run.State.Read();
        if (json)
            WriteJson(host, status, dryRun, error, code);
        else if (error is not null)
            Answer.WriteLines(ErrorText.Of(status, error));
        else
            Write(status, dryRun);
        return code;
    }

    private static void WriteJson(CommandHost host, DatabaseStatus status, bool dryRun, MigrationError? error, int code)
    {
        foreach (var recorded in error is null ? status.Applied : [])
        {
            Answer.WriteLine(JsonLines.Event(
                "recorded",
                status.Name,
                ("dryRun", dryRun),
                ("migration", JsonLines.Migration(recorded.Version, recorded.Description))));
        }
        Answer.WriteLine(JsonLines.Summary(host.State.Current, [error], code));
    }

    private static void Write(DatabaseStatus status, bool dryRun)
    {
        foreach (var recorded in status.Applied)
            Answer.WriteLine($"{status.Name}  {(dryRun ? "would record" : "recorded")} {recorded.Version} {recorded.Description}");
        var place = $"{(dryRun ? "would be " : "")}{PlaceText.Of(status)}";
        var counts = $"{status.AppliedCount} recorded without running them, {status.PendingCount} pending";
        Answer.WriteLine($"{status.Name}  {place}, {counts} ({status.Target})");
    }
}
