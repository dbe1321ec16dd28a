using MigrationHost.Databases;
using MigrationHost.Running;
using MigrationHost.Scripts;

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

    public Task<IReadOnlyCollection<HistoryEntry>> ReadHistoryAsync(Watch watch, IDatabaseSession session) =>
        ReadAsync(watch, () => session.TryReadHistoryAsync(watch.Token));

    /// <summary>Reads what somebody's lock may keep from being read for a while.</summary>
    public async Task<T> ReadAsync<T>(Watch watch, Func<ValueTask<T?>> tryRead) where T : class
    {
        using var wait = watch.NewWait(watch.Timeouts.Lock, MigrationErrorCode.Blocked, database.PollInterval);
        return await wait.UntilAsync(database.Facts.ToRead, tryRead).ConfigureAwait(false);
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
            wait.Remedy = last.Lacks?.Remedy ?? last.Holder?.Remedy;
            last = await wait.UntilAsync(Describe(last), async () =>
            {
                var attempt = await session.TryTakeTurnAsync(watch, watch.Token).ConfigureAwait(false);
                if (attempt.Holder is { } holder && holder.Mark != mark)
                {
                    others.Renew();
                    mark = holder.Mark;
                }
                (wait.What, wait.Remedy) = (Describe(attempt), attempt.Lacks?.Remedy ?? attempt.Holder?.Remedy);
                var goesOn = (attempt.Lacks is null ? others : missing) == wait;
                return attempt is { Turn: null, WasHandedOn: false } && goesOn ? null : attempt;
            }).ConfigureAwait(false);
            if (last.WasHandedOn && !await isNeeded().ConfigureAwait(false))
                return null;
        }
        return last.Turn;
    }

    /// <summary>Changes the history in one transaction, in as many attempts as other people's locks make necessary.</summary>
    /// <param name="watch">The watch over this run.</param>
    /// <param name="turn">The turn.</param>
    /// <param name="version">The version that is changed, or the last of them.</param>
    /// <param name="change">What to do in the transaction.</param>
    public async Task WriteAsync(Watch watch, ITurn turn, string version, Func<IMigrationTransaction, Task> change)
    {
        using var wait = watch.NewWait(watch.Timeouts.Lock, MigrationErrorCode.Blocked, database.PollInterval);
        watch.CountLocksIn(wait);
        while (true)
        {
            await using var transaction = await wait
                .UntilAsync(
                    database.Facts.ToWrite,
                    () => turn.TryBeginAsync(version, ScriptHeader.None, watch.Token)).ConfigureAwait(false);
            using (watch.Work(watch.OwnWork("the history's rows")))
            {
                await change(transaction).ConfigureAwait(false);
                if (await transaction.TryCommitAsync(watch.Token).ConfigureAwait(false))
                    return;
            }
            await transaction.DisposeAsync().ConfigureAwait(false);
            await wait.PauseAsync(turn as ISeesHolders).ConfigureAwait(false);
        }
    }

    private static string Describe(TurnAttempt attempt) => attempt switch
    {
        { Lacks: { } lacks } => lacks.ToString(),
        { Holder: { } holder } => $"the turn of {holder.Instance} to end ({holder.Doing})",
        _ => "the turn",
    };
}
