using MigrationHost.Databases;

namespace MigrationHost.Engines;

/// <summary>Checks everything that can be checked without migrating. Changes nothing.</summary>
internal static class Doctor
{
    // No clock that is right shows a time before this program was written.
    private static readonly DateTimeOffset Written = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    public static async Task<IReadOnlyList<DoctorCheck>> ExamineAsync(DatabaseRun run, TimeProvider time, CancellationToken cancellationToken)
    {
        var checks = new List<DoctorCheck>();
        checks.AddRange(run.SettingChecks);
        checks.AddRange(run.Engine.Check());
        checks.AddRange(await run.Engine.CheckToolAsync(cancellationToken).ConfigureAwait(false));
        await foreach (var check in run.Database.CheckAsync(cancellationToken).ConfigureAwait(false))
            checks.Add(check);
        if (checks.TrueForAll(check => check.Result != DoctorResult.Problem))
            checks.Add(await HistoryAsync(run, cancellationToken).ConfigureAwait(false));
        checks.Add(Clock(run.State.Read(), time.GetUtcNow()));
        return [.. checks.Select(check => check with { Database = run.State.Name })];
    }

    private static async Task<DoctorCheck> HistoryAsync(DatabaseRun run, CancellationToken cancellationToken)
    {
        var (_, error) = await run.InspectAsync(null, cancellationToken).ConfigureAwait(false);
        var status = run.State.Read();
        return error is not null
            ? DoctorCheck.Problem("history", error.Message, error.Hint ?? "See the message.") with { File = error.File, Line = error.Line }
            : status.Engine == EngineKind.Command ? DoctorCheck.Ok("history", status.PendingCount > 0 ? status.Pending[0].Description : "at its target, as Verify says")
            : DoctorCheck.Ok("history", $"at {status.Current ?? "nothing"} of {status.Latest ?? "nothing"}, {status.PendingCount} pending");
    }

    private static DoctorCheck Clock(DatabaseStatus status, DateTimeOffset now)
    {
        const string remedy = "Set the clock (NTP): applied_at and every log line depend on it.";
        if (now < Written)
            return DoctorCheck.Warning("clock", $"the clock says {now:yyyy-MM-dd HH:mm:ss}Z, before this program was written", remedy);
        return status.Applied.Max(applied => applied.AppliedAt) is { } last && last > now.AddMinutes(1)
            ? DoctorCheck.Warning("clock", $"the clock says {now:yyyy-MM-dd HH:mm:ss}Z, but a migration was applied at {last:yyyy-MM-dd HH:mm:ss}Z", remedy)
            : DoctorCheck.Ok("clock", $"{now:yyyy-MM-dd HH:mm:ss}Z");
    }
}
