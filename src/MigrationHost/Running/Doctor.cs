using System.Runtime.CompilerServices;
using MigrationHost.Databases;
using MigrationHost.Masking;

namespace MigrationHost.Running;

/// <summary>Checks everything that can be checked without migrating. Changes nothing.</summary>
internal static class Doctor
{
    // No clock that is right shows a time before this program was written.
    private static readonly DateTimeOffset Written = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The checks of one database, one by one as they finish.</summary>
    public static async IAsyncEnumerable<DoctorCheck> ExamineAsync(
        DatabaseRun run,
        TimeProvider time,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (sound, said) = (true, new HashSet<string>());
        await foreach (var check in ChecksAsync(run, cancellationToken).ConfigureAwait(false))
        {
            sound &= check.Result != DoctorResult.Problem;
            said.Add(check.Message);
            yield return run.State.Secrets.In(check) with { Database = run.State.Name };
        }
        if (await run.LookAtLocksAsync().ConfigureAwait(false) is var locks && (sound || !locks.Failed))
            yield return run.State.Secrets.In(LocksCheck.Of(locks)) with { Database = run.State.Name };
        if (sound)
        {
            yield return run.State.Secrets.In(
                await HistoryAsync(run, cancellationToken).ConfigureAwait(false)) with { Database = run.State.Name };
            foreach (var check in Begun(run.State.Read()))
                yield return run.State.Secrets.In(check) with { Database = run.State.Name };
            foreach (var check in run.Engine.CheckFound())
                yield return run.State.Secrets.In(check) with { Database = run.State.Name };
            foreach (var warning in run.State.Warnings.Where(warning => !said.Contains(warning.Message)))
                yield return run.State.Secrets.In(
                    DoctorCheck.Warning("migrations", warning.Message, warning.Remedy)) with { Database = run.State.Name };
        }
        yield return Clock(run.State.Read(), time.GetUtcNow()) with { Database = run.State.Name };
    }

    private static async IAsyncEnumerable<DoctorCheck> ChecksAsync(
        DatabaseRun run,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var check in run.SettingChecks)
            yield return check;
        foreach (var note in run.Database.Notes)
            yield return DoctorCheck.Warning("connection string", note, "Leave it out of the connection string of the migrations.");
        foreach (var check in run.Engine.Check())
            yield return check;
        foreach (var check in await run.CheckToolAsync(cancellationToken).ConfigureAwait(false))
            yield return check;
        var checks = run.Database.CheckAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        await using var disposed = checks.ConfigureAwait(false);
        while (await NextAsync(checks).ConfigureAwait(false) is { } check)
            yield return check;
    }

    // A connection string that the driver cannot use ends them.
    private static async Task<DoctorCheck?> NextAsync(IAsyncEnumerator<DoctorCheck> checks)
    {
        try
        {
            return await checks.MoveNextAsync().ConfigureAwait(false) ? checks.Current : null;
        }
        catch (MigrationException e)
        {
            return DoctorCheck.Problem("server", e.Error.Message, e.Error.Hint ?? "");
        }
    }

    private static async Task<DoctorCheck> HistoryAsync(DatabaseRun run, CancellationToken cancellationToken)
    {
        var (pending, error) = await run.InspectAsync(null, cancellationToken).ConfigureAwait(false);
        var status = run.State.Read();
        if (pending && status.Traits.UsesOurSession)
            error ??= (run.Database as IKnownBeforeOpening)?.WhyReadOnly;
        return error is not null
            ? DoctorCheck.Problem("history", error.Message, error.Hint ?? "See the message.") with { File = error.File, Line = error.Line }
            : !status.Traits.KnowsMigrations ? DoctorCheck.Ok(
                "history",
                status.PendingCount > 0 ? status.Pending[0].Description : "at its target, as Verify says")
            : DoctorCheck.Ok("history", $"{PlaceText.Of(status)}, {status.PendingCount} pending");
    }

    private static IEnumerable<DoctorCheck> Begun(DatabaseStatus status) =>
        from pending in status.Pending
        let done = pending.StatementsDone
        where done is not null
        select DoctorCheck.Warning(
            "history",
            $"migration {pending.Version} was begun and is not finished: {PlaceText.Done(done.Value)}",
            "Nothing to do while an instance is migrating. Else the next start continues it, with its file corrected if it failed. "
                + $"Or settle it: 'migrationhost resolve {pending.Version} --applied', or '--retry'.");

    private static DoctorCheck Clock(DatabaseStatus status, DateTimeOffset now)
    {
        const string remedy = "Set the clock (NTP): applied_at and every log line depend on it.";
        if (now < Written)
            return DoctorCheck.Warning("clock", $"the clock says {now:yyyy-MM-dd HH:mm:ss}Z, before this program was written", remedy);
        return status.Applied.Max(applied => applied.AppliedAt) is { } last && last > now.AddMinutes(1)
            ? DoctorCheck.Warning(
                "clock",
                $"the clock says {now:yyyy-MM-dd HH:mm:ss}Z, but a migration was applied at {last:yyyy-MM-dd HH:mm:ss}Z",
                remedy)
            : DoctorCheck.Ok("clock", $"{now:yyyy-MM-dd HH:mm:ss}Z");
    }
}
