using MigrationHost.Databases;

namespace MigrationHost.Engines;

/// <summary>What every engine waits for before it may work: the database to come up, and its turn among the instances of ours.</summary>
internal sealed class DatabaseAccess(IMigrationDatabase database)
{
    public async Task<IDatabaseSession> OpenAsync(Watch watch, SessionPurpose purpose)
    {
        using var wait = watch.NewWait(watch.Timeouts.DatabaseWait, MigrationErrorCode.DatabaseUnreachable, database.PollInterval);
        return await wait.UntilAsync($"{database.Target} to come up", async () =>
        {
            var attempt = await database.TryOpenAsync(purpose, watch.Token).ConfigureAwait(false);
            if (attempt.Lacks is { } lacks)
                (wait.What, wait.Remedy) = (lacks.ToString(), lacks.Remedy);
            return attempt.Session;
        }).ConfigureAwait(false);
    }

    /// <summary>Waits for the turn of this instance.</summary>
    /// <inheritdoc cref="TakeTurnAsync(Watch, IDatabaseSession, Func{Task{bool}})"/>
    public async Task<ITurn> TakeTurnAsync(Watch watch, IDatabaseSession session) =>
        (await TakeTurnAsync(watch, session, () => Task.FromResult(true)).ConfigureAwait(false))!;

    /// <summary>
    /// Waits for the turn of this instance, for <c>Timeouts:Turn</c>; and for what the database has yet to give for it,
    /// for <c>Timeouts:DatabaseWait</c>.
    /// </summary>
    /// <param name="watch">The watch over the run.</param>
    /// <param name="session">The session that wants it.</param>
    /// <param name="isNeeded">Whether there is still something to do, asked once another instance has finished.</param>
    /// <returns>The turn; null where it is not needed any more.</returns>
    public async Task<ITurn?> TakeTurnAsync(Watch watch, IDatabaseSession session, Func<Task<bool>> isNeeded)
    {
        using var others = watch.NewWait(watch.Timeouts.Turn, MigrationErrorCode.Blocked, database.PollInterval);
        using var missing = watch.NewWait(watch.Timeouts.DatabaseWait, MigrationErrorCode.DatabaseUnreachable, database.PollInterval);
        long? mark = null;
        var last = new TurnAttempt(null);
        while (last.Turn is null)
        {
            var wait = last.Lacks is null ? others : missing;
            last = await wait.UntilAsync(Describe(last), async () =>
            {
                var attempt = await session.TryTakeTurnAsync(watch, watch.Token).ConfigureAwait(false);
                if (attempt.Holder is { } holder && holder.Mark != mark)
                {
                    others.Clock.Restart();
                    mark = holder.Mark;
                }
                (wait.What, wait.Remedy) = (Describe(attempt), attempt.Lacks?.Remedy);
                var goesOn = (attempt.Lacks is null ? others : missing) == wait;
                return attempt is { Turn: null, WasHandedOn: false } && goesOn ? null : attempt;
            }).ConfigureAwait(false);
            if (last.WasHandedOn && !await isNeeded().ConfigureAwait(false))
                return null;
        }
        return last.Turn;
    }

    private static string Describe(TurnAttempt attempt) => attempt switch
    {
        { Lacks: { } lacks } => lacks.ToString(),
        { Holder: { } holder } => $"the turn of {holder.Instance} to end ({holder.Doing})",
        _ => "the turn",
    };
}
