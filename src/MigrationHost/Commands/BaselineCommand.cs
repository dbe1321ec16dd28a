using System.CommandLine;

namespace MigrationHost.Commands;

/// <summary>Begins the history of a database that was migrated by other means.</summary>
internal static class BaselineCommand
{
    public static Command Create(ICommandHosts hosts)
    {
        var version = new Argument<string>("VERSION") { Description = "The last migration that the database has already" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Show what would be recorded, and change nothing" };
        var database = CommandHost.DatabaseOption();
        var command = new Command("baseline",
            """
            Records everything up to VERSION as applied without running it: for a database that was migrated by another tool or by hand.
            Works only while there is no history.

            Example: migrationhost baseline 12 --dry-run
            """) { version, dryRun, database };
        command.SetAction((parsed, _) => CommandHost.RunAsync(
            hosts,
            parsed.GetValue(database),
            story: false,
            host => RunAsync(host, parsed.GetValue(version)!, parsed.GetValue(dryRun))));
        return command;
    }

    private static async Task<int> RunAsync(CommandHost host, string version, bool dryRun)
    {
        if (host.Runs.Count > 1)
        {
            var names = string.Join(", ", host.Runs.Select(run => run.State.Name));
            return CommandHost.Refuse([$"baseline needs --database if there are several: {names}"]);
        }

        var run = host.Runs[0];
        if (run.Engine.VersionProblem(version) is { } problem)
            return CommandHost.Refuse([$"VERSION: {problem}"]);
        var error = await run.BaselineAsync(version, dryRun, host.Stopping).ConfigureAwait(false);
        var status = run.State.Read();
        if (error is not null)
            Answer.WriteLine(ErrorText.Of(status, error));
        else
            Write(status, dryRun);
        return host.CodeOf([error]) ?? ExitCodes.Success;
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
