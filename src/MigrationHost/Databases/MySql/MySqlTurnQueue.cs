using System.Globalization;
using MigrationHost.Scripts;
using MySqlConnector;

namespace MigrationHost.Databases.MySql;

/// <summary>Waits for the turn with one connection only, and opens the one at the side once the turn is free.</summary>
/// <remarks>
/// The turn is two locks of GET_LOCK. One is held by the connection at work: it is free only when what that runs has ended, even if its
/// client was killed. The other is held at the side, so that nobody gets in between while the work's session is reset.
/// </remarks>
internal sealed class MySqlTurnQueue(MySqlSession session)
{
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(250);

    private readonly MySqlDatabase _database = session.Database;
    private TurnHolder? _holder;
    private long? _askedAt;
    private bool _waited;

    /// <summary>One try.</summary>
    public async Task<TurnAttempt> TryAsync(IRunProgress progress, CancellationToken cancellationToken)
    {
        var (work, names) = (session.Work, _database.TurnNames);
        var forAll = work.Server["super_read_only"] is null ? "0" : "@@global.super_read_only";
        var (readOnly, forEverybody, side, working) = (await work.QueryAsync(
            new SqlCommand($"SELECT @@global.read_only, {forAll}, IS_USED_LOCK($1), IS_USED_LOCK($2)", names.Side, names.Work),
            row => (IsTrue(row.GetValue(0)), IsTrue(row.GetValue(1)), Id(row, 2), Id(row, 3)),
            cancellationToken).ConfigureAwait(false))[0];
        if (forEverybody || readOnly && !await MayWriteAsync(work, cancellationToken).ConfigureAwait(false))
            return new TurnAttempt(null) { Lacks = MySqlErrors.ReadOnly(_database.Target) };
        if (side is not null || working is not null)
            return await WaitAsync(side, working, cancellationToken).ConfigureAwait(false);
        if (_waited)
        {
            _waited = false;
            return new TurnAttempt(null) { WasHandedOn = true };
        }
        if (await session.History.IsToolAtWorkAsync(work, cancellationToken).ConfigureAwait(false))
            return WaitForTool();
        if (!await TryLockAsync(work, names.Work, cancellationToken).ConfigureAwait(false))
            return await WaitAsync(null, null, cancellationToken).ConfigureAwait(false);
        var attempt = await TrySideAsync(progress, cancellationToken).ConfigureAwait(false);
        if (attempt.Turn is null)
            await UnlockAsync(work, names.Work, cancellationToken).ConfigureAwait(false);
        return attempt;
    }

    /// <summary>Takes a lock, if nobody has it.</summary>
    /// <exception cref="MigrationException">The server does not have such locks.</exception>
    public static async Task<bool> TryLockAsync(MySqlLink link, string name, CancellationToken cancellationToken)
    {
        try
        {
            return IsTrue(await link.ScalarAsync(new SqlCommand("SELECT GET_LOCK($1, 0)", name), cancellationToken).ConfigureAwait(false));
        }
        catch (MySqlException refused) when (refused.Message.Contains("GET_LOCK", StringComparison.OrdinalIgnoreCase))
        {
            throw new MigrationException(
                new MigrationError
                {
                    Code = MigrationErrorCode.DatabaseUnreachable,
                    Message = $"the server refuses GET_LOCK, by which instances take turns: {refused.Message}",
                    Hint = "A Galera cluster forbids it in its strict mode: allow it (pxc_strict_mode = PERMISSIVE), and point the "
                        + "migrations of all replicas at the same node, since such locks are known to one node only.",
                },
                refused);
        }
    }

    public static Task UnlockAsync(MySqlLink link, string name, CancellationToken cancellationToken) =>
        link.ExecuteAsync(cancellationToken, new SqlCommand("DO RELEASE_LOCK($1)", name));

    private async Task<TurnAttempt> TrySideAsync(IRunProgress progress, CancellationToken cancellationToken)
    {
        if (await StatementRecords.LeftRunningAsync(session, cancellationToken).ConfigureAwait(false) is { } left)
            return await WaitAsync(null, left, cancellationToken).ConfigureAwait(false);
        MySqlSide side;
        try
        {
            side = await MySqlSide.OpenAsync(session, progress, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (MySqlErrors.NotUpYet(_database.Target, e) is { } lacks)
        {
            return new TurnAttempt(null) { Lacks = lacks };
        }
        if (!await side.TryLockAsync(cancellationToken).ConfigureAwait(false))
        {
            await side.DisposeAsync().ConfigureAwait(false);
            return await WaitAsync(null, null, cancellationToken).ConfigureAwait(false);
        }
        if (!await side.TryLockToolAsync(cancellationToken).ConfigureAwait(false))
        {
            await side.DisposeAsync().ConfigureAwait(false);
            return WaitForTool();
        }
        session.Side = session.Work.Side = side;
        side.Start();
        return new TurnAttempt(new MySqlTurn(session, side, progress));
    }

    private TurnAttempt WaitForTool()
    {
        _waited = true;
        return new TurnAttempt(null, new TurnHolder(_database.Form.Owner, "it has its own lock", 0));
    }

    private async Task<TurnAttempt> WaitAsync(int? side, int? working, CancellationToken cancellationToken)
    {
        _waited = true;
        if (_askedAt is not { } at || _database.Time.GetElapsedTime(at) > AskEvery)
        {
            _askedAt = _database.Time.GetTimestamp();
            _holder = await FindAsync(side, working, cancellationToken).ConfigureAwait(false) ?? _holder;
        }
        return new TurnAttempt(null, _holder);
    }

    /// <summary>
    /// Who has it. A connection whose process is provably gone is ended: what it runs would keep the turn until it is done.
    /// </summary>
    private async Task<TurnHolder?> FindAsync(int? side, int? working, CancellationToken cancellationToken)
    {
        int[] ids = [.. new[] { side, working }.OfType<int>()];
        if (ids.Length == 0)
            return null;
        var found = await session.Work.QueryAsync(
            $"SELECT id, info, host, user FROM information_schema.processlist WHERE id IN ({string.Join(", ", ids)})",
            row => (Id: Id(row, 0)!.Value, Words: MySqlTurnWords.Read(Text(row, 1)), Host: Text(row, 2), User: Text(row, 3)),
            cancellationToken).ConfigureAwait(false);
        foreach (var (id, words, _, _) in found)
        {
            if (words is { IsGone: true })
                await TryKillAsync(id, cancellationToken).ConfigureAwait(false);
        }
        if (side is null && found is [var (last, left, host, user), ..])
        {
            return new TurnHolder(
                $"connection {last} of {user} from {host}",
                left is { IsGone: true } ? "its process is gone, and its statement is being ended" : "its statement still runs",
                0)
            { Remedy = $"Let it finish, or: {Kill([last])}" };
        }

        // What the work says is the same all the time; it is for an instance whose side was never heard.
        var said = WordsOf(side) ?? (_holder is null ? WordsOf(working) : null);
        return said is null ? null : said with { Remedy = $"If that instance is stuck: {Kill(ids)}" };

        TurnHolder? WordsOf(int? id) => found.Find(one => one.Id == id).Words?.Holder;
    }

    private async Task TryKillAsync(int id, CancellationToken cancellationToken)
    {
        try
        {
            await session.Work.ExecuteAsync(cancellationToken, string.Create(CultureInfo.InvariantCulture, $"KILL {id}"))
                .ConfigureAwait(false);
        }
        catch (MySqlException)
        {
            // Gone already, or another account's: then it is waited for.
        }
    }

    // Who has the right to write on a read-only server may migrate it.
    private static async Task<bool> MayWriteAsync(MySqlLink work, CancellationToken cancellationToken)
    {
        var grants = await work.QueryAsync("SHOW GRANTS", row => row.GetString(0), cancellationToken).ConfigureAwait(false);
        return grants.Exists(grant => grant.Contains("ON *.*", StringComparison.Ordinal)
            && (grant.StartsWith("GRANT ALL", StringComparison.Ordinal) || grant.Contains("READ_ONLY ADMIN", StringComparison.Ordinal)));
    }

    private static string Kill(int[] ids) => string.Join("; ", ids.Select(id => string.Create(CultureInfo.InvariantCulture, $"KILL {id}")));

    private static int? Id(MySqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : Convert.ToInt32(row.GetValue(column), CultureInfo.InvariantCulture);

    private static string? Text(MySqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static bool IsTrue(object? value) => value is not null && value switch
    {
        string text => text is "1" or "ON",
        _ => Convert.ToInt64(value, CultureInfo.InvariantCulture) == 1,
    };
}
