using MigrationHost.Scripts;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>
/// Waits for the turn with one connection only, and opens the one at the side once the turn is free: many replicas must not use up a
/// server's connections by waiting.
/// </summary>
/// <remarks>
/// Whether it is free is found out with a lock of a transaction: behind a pooler in transaction mode a session's lock would stay in a
/// session of the pool, and be nobody's.
/// The transaction stays open until the second connection is there, so that no other replica asks for one meanwhile.
/// </remarks>
internal sealed class TurnQueue(PostgreSqlSession session)
{
    /// <summary>What a replica says whose turn it is, and which gets no second connection: those who wait give way.</summary>
    private const string NeedsConnection = "waits for a free connection";

    /// <summary>For how long.</summary>
    private static readonly TimeSpan Away = TimeSpan.FromSeconds(1);

    private readonly PostgreSqlDatabase _database = session.Database;
    private readonly long _key = PostgreSqlSide.Key(session.History);
    private readonly TurnHolders _holders = new(session.Database, PostgreSqlSide.Key(session.History));

    private TurnAttempt _last = new(null);
    private long? _leftAt;
    private bool _prepared;
    private bool _isFree;
    private bool _waited;

    /// <summary>One try.</summary>
    public async Task<TurnAttempt> TryAsync(IRunProgress progress, CancellationToken cancellationToken)
    {
        if (_leftAt is { } left)
        {
            if (_database.Time.GetElapsedTime(left) < Away)
                return _last;
            if (await TryConnectAsync(session.ReturnAsync, cancellationToken).ConfigureAwait(false) is { } lacks)
                return new TurnAttempt(null) { Lacks = lacks };
            _leftAt = null;
        }
        return _last = await TryConnectedAsync(progress, cancellationToken).ConfigureAwait(false);
    }

    private async Task<TurnAttempt> TryConnectedAsync(IRunProgress progress, CancellationToken cancellationToken)
    {
        var work = session.Work;
        if (!_prepared)
            await work.ExecuteAsync(cancellationToken, PostgreSqlSql.ForOurSessions(work.ServerVersion)).ConfigureAwait(false);
        _prepared = true;
        if (!_isFree)
        {
            // The primary may be another server by now, behind the same name.
            var (standby, free) = await TryBeginAsync(work, cancellationToken).ConfigureAwait(false);
            if (standby)
                return await LeaveAsync(new TurnAttempt(null) { Lacks = PostgreSqlErrors.Standby(_database.Target) }).ConfigureAwait(false);
            if (!free)
                return await WaitAsync(work, cancellationToken).ConfigureAwait(false);
            if (_waited)
            {
                _waited = false;
                await EndAsync(work, cancellationToken).ConfigureAwait(false);
                return new TurnAttempt(null) { WasHandedOn = true };
            }
            _isFree = true;
        }
        if (session.Side is null && await TryConnectAsync(ConnectSideAsync, cancellationToken).ConfigureAwait(false) is { } lacks)
        {
            await SayAsync(work, new TurnHolder(Instance.Name, NeedsConnection, progress.Mark), cancellationToken).ConfigureAwait(false);
            return new TurnAttempt(null) { Lacks = lacks };
        }
        _isFree = false;
        var side = session.Side!;
        if (!await TryLockAsync(work, side, cancellationToken).ConfigureAwait(false))
            return await WaitAsync(work, cancellationToken).ConfigureAwait(false);
        if (!await side.TryLockToolAsync(work, cancellationToken).ConfigureAwait(false))
            return new TurnAttempt(null, new TurnHolder(_database.Form.Owner, "it has its own lock", 0));
        await side.ShowAsync(progress, cancellationToken).ConfigureAwait(false);
        return new TurnAttempt(new PostgreSqlTurn(session, side, progress));
    }

    private async Task<TurnAttempt> WaitAsync(PostgreSqlConnection work, CancellationToken cancellationToken)
    {
        _waited = true;
        var waiting = new TurnAttempt(null, await _holders.FindAsync(work, cancellationToken).ConfigureAwait(false));
        return waiting.Holder?.Doing == NeedsConnection ? await LeaveAsync(waiting).ConfigureAwait(false) : waiting;
    }

    private async Task<TurnAttempt> LeaveAsync(TurnAttempt attempt)
    {
        await session.LeaveAsync().ConfigureAwait(false);
        (_leftAt, _prepared) = (_database.Time.GetTimestamp(), false);
        return attempt;
    }

    private async Task<bool> TryLockAsync(PostgreSqlConnection work, PostgreSqlSide side, CancellationToken cancellationToken)
    {
        // Without a pooler in between, no other replica is let in between.
        if (work.AnnouncedPid == session.Pid)
        {
            var locked = await side.TryLockAsync(work, cancellationToken).ConfigureAwait(false);
            await EndAsync(work, cancellationToken).ConfigureAwait(false);
            return locked;
        }
        await EndAsync(work, cancellationToken).ConfigureAwait(false);
        await side.AskAsync(
            async asked =>
            {
                await PoolerCheck.RefuseTransactionPoolingAsync(_database.Target, work, asked, cancellationToken).ConfigureAwait(false);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
        return await side.TryLockAsync(work, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Begins a transaction that has the turn's lock, if that is free.</summary>
    private async Task<(bool Standby, bool Free)> TryBeginAsync(PostgreSqlConnection work, CancellationToken cancellationToken)
    {
        var found = (await work.QueryAsync(
            ["BEGIN", new SqlCommand("SELECT pg_is_in_recovery(), pg_try_advisory_xact_lock($1)", _key + 1)],
            row => (Standby: row.GetBoolean(0), Free: row.GetBoolean(1)),
            cancellationToken).ConfigureAwait(false))[0];
        if (found.Standby || !found.Free)
            await EndAsync(work, cancellationToken).ConfigureAwait(false);
        return found;
    }

    private static Task EndAsync(PostgreSqlConnection work, CancellationToken cancellationToken) =>
        work.ExecuteAsync(cancellationToken, "COMMIT");

    private static async Task SayAsync(PostgreSqlConnection work, TurnHolder words, CancellationToken cancellationToken)
    {
        work.Comment = PostgreSqlSide.Words(words);
        var name = PostgreSqlName.Literal(ApplicationName.Own);
        await work.ExecuteAsync(cancellationToken, $"SET LOCAL application_name = {name}").ConfigureAwait(false);
        work.Comment = null;
    }

    private async Task ConnectSideAsync(CancellationToken cancellationToken)
    {
        var side = await _database.ConnectSideAsync(session.Work.Server, cancellationToken).ConfigureAwait(false);
        session.Side = new PostgreSqlSide(_database, side, session.History);
    }

    /// <returns>What is missing for it; null if it is there.</returns>
    private async Task<Unavailable?> TryConnectAsync(Func<CancellationToken, Task> connect, CancellationToken cancellationToken)
    {
        try
        {
            await connect(cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (Exception e) when (PostgreSqlErrors.NotUpYet(_database.Target, e) is { } lacks)
        {
            return lacks;
        }
    }
}
