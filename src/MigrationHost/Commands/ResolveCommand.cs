using System.CommandLine;

namespace MigrationHost.Commands;

/// <summary>Settles a migration that broke outside a transaction.</summary>
internal static class ResolveCommand
{
    public static Command Create(ICommandHosts hosts)
    {
        var version = new Argument<string>("VERSION") { Description = "The migration that broke" };
        var applied = new Option<bool>("--applied") { Description = "Record it as done: the rest was done by hand" };
        var retry = new Option<bool>("--retry") { Description = "Forget the attempt: the next start runs it from its first statement" };
        var database = CommandHost.DatabaseOption();
        var command = new Command("resolve",
            """
            Settles a migration with transaction=none that broke in the middle and cannot be resumed.

            Example: migrationhost resolve 10 --applied
            """) { version, applied, retry, database };
        command.SetAction((parsed, _) => CommandHost.RunAsync(
            hosts,
            parsed.GetValue(database),
            story: false,
            host => RunAsync(host, parsed.GetValue(version)!, parsed.GetValue(applied), parsed.GetValue(retry))));
        return command;
    }

    private static async Task<int> RunAsync(CommandHost host, string version, bool applied, bool retry)
    {
        if (applied == retry)
            return CommandHost.Refuse(
                ["say --applied if the rest was done by hand, or --retry to run it from its first statement"]);
        if (host.Runs.Count > 1)
            return CommandHost.Refuse(
                [$"resolve needs --database if there are several: {string.Join(", ", host.Runs.Select(run => run.State.Name))}"]);

        var run = host.Runs[0];
        if (run.Engine.VersionProblem(version) is { } problem)
            return CommandHost.Refuse([$"VERSION: {problem}"]);
        var error = await run.ResolveAsync(version, applied, host.Stopping).ConfigureAwait(false);
        Answer.WriteLine(error is not null ? ErrorText.Of(run.State.Read(), error)
            : applied ? $"{run.State.Name}  {version} is recorded as applied"
            : $"{run.State.Name}  the attempt at {version} is forgotten; the next start runs it from its first statement");
        return host.CodeOf([error]) ?? ExitCodes.Success;
    }
}
