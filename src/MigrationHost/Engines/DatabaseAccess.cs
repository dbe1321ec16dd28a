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
            if (attempt.NotUpYet is { } why)
                wait.What = $"{database.Target} to come up ({why})";
            return attempt.Session;
        }).ConfigureAwait(false);
    }

    public async Task<ITurn> TakeTurnAsync(Watch watch, IDatabaseSession session)
    {
        using var wait = watch.NewWait(watch.Timeouts.Turn, MigrationErrorCode.Blocked, database.PollInterval);
        long? mark = null;
        return await wait.UntilAsync("the turn", async () =>
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
}
