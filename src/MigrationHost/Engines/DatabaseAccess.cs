using MigrationHost.Databases;
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
            if (attempt.NotUpYet is { } why)
                wait.What = $"{database.Target} to come up ({why})";
            return attempt.Session;
        }).ConfigureAwait(false);
    }

    public Task<IReadOnlyCollection<HistoryEntry>> ReadHistoryAsync(Watch watch, IDatabaseSession session) =>
        ReadAsync(watch, () => session.TryReadHistoryAsync(watch.Token));

    /// <summary>Reads what somebody's lock may keep from being read for a while.</summary>
    public async Task<T> ReadAsync<T>(Watch watch, Func<ValueTask<T?>> tryRead) where T : class
    {
        using var wait = watch.NewWait(watch.Timeouts.Lock, MigrationErrorCode.Blocked, database.PollInterval);
        return await wait.UntilAsync("a read lock on the database", tryRead).ConfigureAwait(false);
    }

    public async Task<ITurn> TakeTurnAsync(Watch watch, IDatabaseSession session)
    {
        using var wait = watch.NewWait(watch.Timeouts.Turn, MigrationErrorCode.Blocked, database.PollInterval);
        long? mark = null;
        return await wait.UntilAsync("the turn of another instance to end", async () =>
        {
            var attempt = await session.TryTakeTurnAsync(watch, watch.Token).ConfigureAwait(false);
            if (attempt.Holder is { } holder)
            {
                wait.What = $"the turn of {holder.Instance} to end ({holder.Doing})";
                if (holder.Mark != mark)
                    wait.Clock.Restart();
                mark = holder.Mark;
            }
            return attempt.Turn;
        }).ConfigureAwait(false);
    }

    /// <summary>Changes the history in one transaction, in as many attempts as other people's locks make necessary.</summary>
    /// <param name="watch">The watch over this run.</param>
    /// <param name="turn">The turn.</param>
    /// <param name="version">The version that is changed, or the last of them.</param>
    /// <param name="change">What to do in the transaction.</param>
    public async Task WriteAsync(Watch watch, ITurn turn, MigrationVersion version, Func<IMigrationTransaction, Task> change)
    {
        using var wait = watch.NewWait(watch.Timeouts.Lock, MigrationErrorCode.Blocked, database.PollInterval);
        watch.CountLocksIn(wait);
        while (true)
        {
            await using var transaction = await wait
                .UntilAsync("the write lock", () => turn.TryBeginAsync(version, ScriptHeader.None, watch.Token)).ConfigureAwait(false);
            await change(transaction).ConfigureAwait(false);
            if (await wait
                .OnceAsync("readers to let the commit through", () => transaction.TryCommitAsync(watch.Token)).ConfigureAwait(false))
            {
                return;
            }
            await transaction.DisposeAsync().ConfigureAwait(false);
            await wait.PauseAsync(turn).ConfigureAwait(false);
        }
    }
}
