using System.CommandLine;
using System.Text.Json;
using MigrationHost.Http;

namespace MigrationHost.Commands;

/// <summary>Shows what is applied, pending, unknown and changed, and touches nothing.</summary>
internal static class StatusCommand
{
    public const string Name = "status";

    public static Command Create(ICommandHosts hosts)
    {
        var brief = new Option<bool>("--short")
        {
            Description = "A line for each database, for scripts: name, version, pending, state, with tabs between",
        };
        var command = CommonOptions.ToCommand(Name,
            "Shows what is applied and pending. Takes no write lock, creates no file, makes no checkpoint. "
            + """
            Exits with 0 at the target, 10 if something is pending.

            Example: migrationhost status --short
            """,
            brief);
        command.SetAction((parsed, _) => CommandHost.RunAsync(
            hosts,
            CommonOptions.Of(parsed),
            story: false,
            reads: true,
            work: host => RunAsync(host, parsed.GetValue(brief), CommonOptions.Of(parsed).IsJson)));
        return command;
    }

    public static void WriteText(StatusLook look)
    {
        foreach (var (database, error) in look.Status.Databases.Zip(look.Errors))
        {
            Answer.WriteLine(error is not null && !ErrorText.IsKnown(database) ? $"{database.Name}  {database.Target}: state unknown"
                : !database.Traits.KnowsMigrations
                ? $"{database.Name}  {database.Target}: "
                    + $"{(database.Phase == MigrationPhase.Ready ? "at its target, as Verify says" : "not known to be at its target")}"
                : $"{database.Name}  {database.Target}: {PlaceText.Of(database)}, "
                    + $"{database.AppliedCount} applied, {database.PendingCount} pending");
            foreach (var applied in database.Applied)
                Answer.WriteLine($"  applied {applied.Version} {applied.Description}{When(applied)}{Remark(database, applied)}");
            foreach (var pending in database.Pending)
                Answer.WriteLine($"  pending {PlaceText.Of(pending)}");
            if (error is not null)
                Answer.WriteLines(ErrorText.Of(database, error));
        }
    }

    private static async Task<int> RunAsync(CommandHost host, bool brief, bool json)
    {
        if (brief && json)
            return CommandHost.Refuse(["--short and --json: say one of them"]);
        var look = await StatusLook.TakeAsync(host, target: null).ConfigureAwait(false);
        if (json)
            Answer.WriteLine(JsonSerializer.Serialize(look.Status, StatusJson.Default.MigrationStatus));
        else if (brief)
            WriteShort(look);
        else
            WriteText(look);
        return look.ExitCode;
    }

    // What is not known is a dash: an empty field would move the others in many a script.
    private static void WriteShort(StatusLook look)
    {
        foreach (var (database, error) in look.Status.Databases.Zip(look.Errors))
        {
            var (current, pending) = error is not null && !ErrorText.IsKnown(database)
                ? ("-", "-")
                : (database.Current ?? "-", $"{database.PendingCount}");
            var state = error is not null ? error.Code.ToString() : database.Phase == MigrationPhase.Ready ? "ready" : "pending";
            Answer.WriteText($"{database.Name}\t{PlainText.Line(current)}\t{pending}\t{state}");
        }
    }

    // Another tool may keep neither time nor author nor duration.
    private static string When(AppliedMigration applied) => applied.AppliedAt is not { } at ? ""
        : $"  {at:yyyy-MM-dd HH:mm:ss}Z{(applied.AppliedBy is { } by ? $" by {by}" : "")}"
            + (applied.DurationMs is { } duration ? $" in {Duration.Say(duration)}" : "");

    private static string Remark(DatabaseStatus database, AppliedMigration applied) =>
        database.Changed.Contains(applied) ? "  (its file has changed since)"
        : database.Unknown.Contains(applied) ? "  (has no file here)"
        : "";
}
