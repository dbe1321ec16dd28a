using System.CommandLine;
using System.Text.Json;
using MigrationHost.Http;

namespace MigrationHost.Commands;

/// <summary>Shows what is applied, pending, unknown and changed, and touches nothing.</summary>
internal static class StatusCommand
{
    public static Command Create(ICommandHosts hosts)
    {
        var json = CommandHost.JsonOption();
        var database = CommandHost.DatabaseOption();
        var command = new Command("status",
            "Shows what is applied and pending. Takes no write lock, creates no file, makes no checkpoint. "
            + """
            Exits with 0 at the target, 10 if something is pending.

            Example: migrationhost status --json
            """) { json, database };
        command.SetAction((parsed, _) => CommandHost.RunAsync(
            hosts,
            parsed.GetValue(database),
            story: false,
            reads: true,
            work: host => RunAsync(host, null, parsed.GetValue(json))));
        return command;
    }

    /// <summary>One database after the other: two names can mean one file.</summary>
    public static async Task<int> RunAsync(CommandHost host, string? target, bool json)
    {
        var pending = false;
        var errors = new List<MigrationError?>();
        foreach (var run in host.Runs)
        {
            var (some, error) = await run.InspectAsync(target, host.Stopping).ConfigureAwait(false);
            pending |= some;
            errors.Add(error);
        }

        var status = ErrorText.WithAllProblems(host.State.Current, errors);
        if (json)
            Answer.WriteLine(JsonSerializer.Serialize(status, StatusJson.Default.MigrationStatus));
        else
            WriteText(status, errors);
        return host.CodeOf(errors) ?? (pending ? ExitCodes.Pending : ExitCodes.Success);
    }

    private static void WriteText(MigrationStatus status, List<MigrationError?> errors)
    {
        foreach (var (database, error) in status.Databases.Zip(errors))
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
                Answer.WriteLine($"  pending {pending.Version} {pending.Description}");
            if (error is not null)
                Answer.WriteLine(ErrorText.Of(database, error));
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
