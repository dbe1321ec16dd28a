using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.PostgreSql;

/// <summary>Builds one blockage in a database of its own, and runs the migration into it until it is given up.</summary>
internal sealed class BlockageRun(PostgreSqlCluster cluster, Blockage blockage) : IAsyncDisposable
{
    private const string Setup =
        """
        CREATE TABLE guarded (id integer CONSTRAINT positive CHECK (id > 0)); INSERT INTO guarded VALUES (1);
        CREATE UNIQUE INDEX guarded_index ON guarded (id);
        ALTER TABLE guarded ADD CONSTRAINT later CHECK (id < 1000) NOT VALID;
        CREATE TABLE fixed (id integer REFERENCES guarded (id));
        CREATE TABLE two (id integer); CREATE INDEX spare ON two (id); INSERT INTO two VALUES (1);
        CREATE TABLE three (id integer); INSERT INTO three VALUES (1);
        CREATE TABLE four (id integer); INSERT INTO four VALUES (1);
        CREATE SEQUENCE numbers;
        CREATE VIEW seen AS SELECT id FROM guarded;
        CREATE MATERIALIZED VIEW kept AS SELECT id FROM guarded; CREATE UNIQUE INDEX ON kept (id);
        CREATE TABLE parted (id integer) PARTITION BY LIST (id); CREATE TABLE part PARTITION OF parted FOR VALUES IN (1);
        CREATE TYPE mood AS ENUM ('good');
        CREATE FUNCTION number() RETURNS integer LANGUAGE sql AS 'SELECT 1';
        CREATE SCHEMA apart;
        """;

    /// <summary>
    /// VACUUM freezes a row, and so waits for its page, only when no snapshot is older than the row:
    /// a transaction of another test, in another database, is enough to make one so.
    /// </summary>
    private const string RowsAreOld =
        "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint > max(xmin::text::bigint) FROM guarded";

    private readonly PostgreSqlTestDatabase _database = new(cluster);
    private readonly Dictionary<string, LockHolder> _others = [];
    private readonly HashSet<string> _named = [];
    private string _role = "";

    /// <returns>What is not as it is to be; empty where all is.</returns>
    public async Task<IReadOnlyList<string>> FailuresAsync()
    {
        _role = _database.CreateRole("", owner: false);
        _database.Migration("1_setup", Setup);
        await using (var first = _database.Host())
            Assert.Null(await first.MigrateAsync());
        if (blockage.Holds.EndsWith("BufferPin", StringComparison.Ordinal))
            await Eventually.BecomesTrueAsync(async () => await _database.QueryAsync(RowsAreOld) == "t");
        _database.Migration("2_blocked", $"{Filled(blockage.Migration)};");
        foreach (var other in blockage.Others)
            _others[other.Name] = await ComeAsync(other);

        await using var host = _database.Host(
            ("Timeouts:Lock", "00:00:03"), ("Timeouts:LockAttempt", "00:00:00.400"), ("Timeouts:StallAfter", "00:00:00.200"));
        host.Run.State.Changed += () =>
        {
            lock (_named)
                _named.UnionWith(host.Run.State.Read().Blockers.Select(Who));
        };
        var error = await host.MigrateAsync();
        var failures = Failures(error, host.Status.Blockers is [var root, ..] ? root : null);
        return [.. failures.Select(failure => $"{blockage.Name}: {failure}\n{error}\n{string.Join('\n', host.Log.All)}")];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var other in _others.Values.Reverse())
            await other.ReleaseAsync();
        await _database.DisposeAsync();
    }

    private IEnumerable<string> Failures(MigrationError? error, Blocker? root)
    {
        if (error?.Code != MigrationErrorCode.Blocked)
            yield return "is not blocked";
        if (Who(root) != Who(blockage.Root))
            yield return $"names {Who(root)} and not {Who(blockage.Root)} in the end";
        string[] innocent;
        lock (_named)
            innocent = [.. _named.Except(blockage.Between.Append(blockage.Root).Select(Who))];
        if (innocent.Length > 0)
            yield return $"named {string.Join(", ", innocent)}, who are not to be";
        if (root is null)
            yield break;
        if (blockage.Holds.Length > 0 && root.Holds != blockage.Holds)
            yield return $"says that it holds {root.Holds} and not {blockage.Holds}";
        if (!$"{root.Resource} {root.State}".Contains(Filled(blockage.On), StringComparison.Ordinal))
            yield return $"says that it is on {root.Resource} ({root.State}) and not {Filled(blockage.On)}";
        if (error?.Message.Contains($"{BlockerText.Who(root)} holds {root.Holds}", StringComparison.Ordinal) != true)
            yield return "has an error without the root";
        if (error?.Hint?.Contains(Filled(blockage.Remedy), StringComparison.OrdinalIgnoreCase) != true)
            yield return $"has an error without the remedy {Filled(blockage.Remedy)}";
    }

    private async Task<LockHolder> ComeAsync(BlockageSession other)
    {
        var (does, database) = (Filled(other.Does), other.Elsewhere ? _database.Other : null);
        if (other.Prepared is not null)
        {
            await _database.QueryAsync(Filled($"BEGIN; {does}; PREPARE TRANSACTION '{{gid}}'"), database);
            return new LockHolder(0, null, () => _database.QueryAsync(Filled("ROLLBACK PREPARED '{gid}'"), database));
        }
        var holder = await _database.HoldFromOutsideAsync($"{does};", other.Then is { } then ? $"{Filled(then)};" : null, database);
        if (other.Then is not null)
        {
            var waits = $"SELECT wait_event_type IN ('Lock', 'Timeout') FROM pg_stat_activity WHERE pid = {holder.Pid}";
            await Eventually.BecomesTrueAsync(async () => await _database.QueryAsync(waits) == "t");
        }
        return holder;
    }

    private string Filled(string text) => text
        .Replace("{role}", _role, StringComparison.Ordinal)
        .Replace("{gid}", $"left over in {_database.Name}", StringComparison.Ordinal)
        .Replace("{other}", $"{_database.Name}_other", StringComparison.Ordinal)
        .Replace("{pid}", Who(blockage.Root), StringComparison.Ordinal);

    private string Who(string other) => _others.GetValueOrDefault(other) is { Pid: > 0 and var pid } ? $"{pid}" : "prepared transaction";

    private static string Who(Blocker? blocker) => blocker is null ? "nobody" : blocker.Pid is { } pid ? $"{pid}" : $"{blocker.Program}";
}
