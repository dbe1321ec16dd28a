using System.CommandLine;

namespace MigrationHost.Commands;

/// <summary>Compares files and history, and says everything that is wrong.</summary>
internal static class ValidateCommand
{
    public const string Name = "validate";

    public static Command Create(ICommandHosts hosts)
    {
        var command = CommonOptions.ToCommand(Name,
            """
            Compares the migration files with the history and lists every problem. Changes nothing.
            Exits with 0 if nothing is wrong (also if something is pending), else with 7.

            Example: migrationhost validate --database app
            """);
        command.SetAction((parsed, _) => CommandHost.RunAsync(
            hosts,
            CommonOptions.Of(parsed),
            story: false,
            reads: true,
            work: host => RunAsync(host, CommonOptions.Of(parsed).IsJson)));
        return command;
    }

    private static async Task<int> RunAsync(CommandHost host, bool json)
    {
        var errors = new List<MigrationError?>();
        foreach (var run in host.Runs)
            errors.Add(await run.ValidateAsync(host.Stopping).ConfigureAwait(false));
        var code = host.CodeOf(errors) ?? ExitCodes.Success;
        if (json)
            Answer.WriteLine(JsonLines.Summary(host.State.Current, errors, code));
        else
        {
            foreach (var (run, error) in host.Runs.Zip(errors))
                Answer.WriteLines(error is null ? Valid(run.State.Read()) : ErrorText.Of(run.State.Read(), error));
        }
        return code;
    }

    private static IEnumerable<string> Valid(DatabaseStatus status)
    {
        var what = status switch
        {
            { Traits.KnowsMigrations: true } =>
                $"{PlaceText.Of(status)}, {status.AppliedCount} applied, {status.PendingCount} pending",
            { PendingCount: 0 } => "at its target, as Verify says",
            _ => "not at its target, as Verify says; nothing is known to be wrong",
        };
        return status.Pending.Where(pending => pending.StatementsDone is not null).Select(begun => $"  pending {PlaceText.Of(begun)}")
            .Prepend($"{status.Name}  valid: {what} ({status.Target})");
    }
}
