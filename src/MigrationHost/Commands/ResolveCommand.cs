using System.CommandLine;
using MigrationHost.Running;

namespace MigrationHost.Commands;

/// <summary>Settles what the history says of a migration that broke outside a transaction, or whose file has changed.</summary>
internal static class ResolveCommand
{
    public const string Name = "resolve";

    public static Command Create(ICommandHosts hosts)
    {
        var version = new Argument<string>("VERSION") { Description = "The migration" };
        var applied = new Option<bool>("--applied") { Description = "It broke: record it as done; the rest was done by hand" };
        var retry = new Option<bool>("--retry")
        {
            Description = "It broke: forget the attempt; the next start runs it from its first statement",
        };
        var changed = new Option<bool>("--changed") { Description = "It is applied, and its file has changed: accept the file as it is" };
        var command = CommonOptions.ToCommand(Name,
            """
            Settles a migration with transaction=none that broke in the middle and cannot be resumed,
            or one whose file has changed since it was applied.

            Example: migrationhost resolve 10 --applied
            """,
            version,
            applied,
            retry,
            changed);
        command.SetAction((parsed, _) => CommandHost.RunOnOneAsync(
            hosts,
            CommonOptions.Of(parsed),
            (host, run) => RunAsync(
                host,
                run,
                parsed.GetValue(version)!,
                How(parsed.GetValue(applied), parsed.GetValue(retry), parsed.GetValue(changed)),
                CommonOptions.Of(parsed).IsJson)));
        return command;
    }

    private static Settlement? How(bool applied, bool retry, bool changed) => (applied, retry, changed) switch
    {
        (true, false, false) => Settlement.Applied,
        (false, true, false) => Settlement.Retry,
        (false, false, true) => Settlement.Changed,
        _ => null,
    };

    private static async Task<int> RunAsync(CommandHost host, DatabaseRun run, string version, Settlement? chosen, bool json)
    {
        if (chosen is not { } how)
        {
            return CommandHost.Refuse(
            [
                "say --applied if the rest was done by hand, --retry to run it from its first statement, "
                    + "or --changed to accept the changed file of an applied migration",
            ]);
        }
        if (run.Engine.VersionProblem(version) is { } problem)
            return CommandHost.Refuse([$"VERSION: {problem}"]);
        var (settled, error) = await run.OnHistoryAsync(
            "resolve",
            (history, watch) => history.ResolveAsync(watch, version, how),
            host.Stopping).ConfigureAwait(false);
        var code = host.CodeOf([error]) ?? ExitCodes.Success;
        if (json)
            WriteJson(host, run.State.Name, how, settled, error, code);
        else
            Answer.WriteLines(settled is null ? ErrorText.Of(run.State.Read(), error!) : [$"{run.State.Name}  {Words(how, settled)}"]);
        return code;
    }

    private static string Words(Settlement how, Settled settled) => how switch
    {
        Settlement.Applied => $"{settled.Version} is recorded as applied",
        Settlement.Retry => $"the attempt at {settled.Version} is forgotten; the next start runs it from its first statement",
        _ => $"{settled.Version} is accepted as {settled.File} is now: {settled.Now} (was applied as {settled.Was}); none of it was run",
    };

    private static void WriteJson(CommandHost host, string database, Settlement how, Settled? settled, MigrationError? error, int code)
    {
        if (settled is not null)
        {
            Answer.WriteLine(JsonLines.Event(
                "resolved",
                database,
                ("version", settled.Version),
                ("as", how.ToString().ToLowerInvariant()),
                ("file", settled.File),
                ("was", settled.Was),
                ("now", settled.Now)));
        }
        Answer.WriteLine(JsonLines.Summary(host.State.Current, [error], code));
    }
}
