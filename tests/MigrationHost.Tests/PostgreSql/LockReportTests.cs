using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.PostgreSql;

/// <summary>What <c>locks</c> lists: everybody who could hold up a migration, whatever it is that they hold.</summary>
[Collection(PostgreSqlCluster.Collection)]
public sealed class LockReportTests(PostgreSqlCluster cluster) : IAsyncLifetime
{
    private readonly PostgreSqlTestDatabase _database = new(cluster);

    [Theory]
    [InlineData("ALTER TYPE mood ADD VALUE 'better';", "ExclusiveLock", "type mood")]
    [InlineData("ALTER TYPE mood RENAME TO humour;", "ExclusiveLock", "the uncommitted changes of its transaction")]
    [InlineData("DROP FUNCTION number();", "AccessExclusiveLock", "function number()")]
    [InlineData("ALTER FUNCTION number() RENAME TO figure;", "AccessExclusiveLock", "function number()")]
    [InlineData("CREATE TABLE fresh (id integer);", "AccessExclusiveLock", "an object that an uncommitted transaction has created")]
    [InlineData("CREATE TABLE apart.fresh (id integer);", "AccessExclusiveLock", "schema apart")]
    [InlineData("LOCK TABLE pg_proc IN SHARE MODE;", "ShareLock", "pg_proc")]
    [InlineData("LOCK TABLE pg_authid IN SHARE MODE;", "ShareLock", "pg_authid")]
    [InlineData("LOCK TABLE pg_class IN SHARE MODE;", "ShareLock", "pg_class")]
    [InlineData("SELECT pg_advisory_xact_lock(42);", "ExclusiveLock", "advisory lock 42")]
    [InlineData("SELECT txid_current();", "ExclusiveLock", "the uncommitted changes of its transaction")]
    [InlineData("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SELECT 1;", "ExclusiveLock", "its transaction")]
    public async Task Whoever_could_hold_up_a_migration_is_listed(string sql, string holds, string resource)
    {
        await using var host = _database.Host();
        await using var psql = await _database.HoldFromOutsideAsync(sql);

        var report = (await host.DiagnoseAsync()).Report;

        var holder = Assert.Single(report.Holders);
        Assert.Equal(psql.Pid, holder.Pid);
        Assert.Contains(holds, holder.Holds, StringComparison.Ordinal);
        Assert.Contains(resource, holder.Resource, StringComparison.Ordinal);
        Assert.Contains($"select pg_terminate_backend({psql.Pid})", holder.Hint, StringComparison.Ordinal);
        Assert.True(report.Complete, report.Note);
    }

    [Theory]
    [InlineData("SELECT 1;", false)]
    [InlineData("SELECT count(*) FROM pg_class;", false)]
    [InlineData("SELECT pg_advisory_xact_lock(42);", true)]
    [InlineData("CREATE TABLE fresh (id integer);", true)]
    public async Task Whoever_could_not_is_not_listed(string sql, bool elsewhere)
    {
        await using var host = _database.Host();
        await using var psql = await _database.HoldFromOutsideAsync(sql, database: elsewhere ? _database.Other : null);

        var report = (await host.DiagnoseAsync()).Report;

        Assert.Empty(report.Holders);
        Assert.True(report.Complete, report.Note);
    }

    /// <summary>Nobody can connect then.</summary>
    [Fact]
    public async Task Where_the_catalog_that_every_connection_reads_is_locked_it_is_incomplete()
    {
        await using var host = _database.Host();
        await using var psql = await _database.HoldFromOutsideAsync("LOCK TABLE pg_class IN ACCESS EXCLUSIVE MODE;");

        var (report, blockers) = await host.Run.Diagnostician.TakeAsync(TimeSpan.Zero);

        Assert.False(report.Complete);
        Assert.NotNull(report.Note);
        Assert.Empty(blockers);
    }

    [Fact]
    public async Task A_client_that_was_stopped_is_ended_by_the_server()
    {
        await using var psql = await _database.HoldFromOutsideAsync(
            "LOCK TABLE guarded IN SHARE MODE;", next: "SELECT repeat('x', 1000) FROM generate_series(1, 1000000);");
        Task<string> SeenAsync(string column) => _database.QueryAsync($"SELECT {column} FROM pg_stat_activity WHERE pid = {psql.Pid}");
        await using var host = _database.Host();
        await Eventually.BecomesTrueAsync(async () => await SeenAsync("state") == "active");
        psql.Freeze!();
        await Eventually.BecomesTrueAsync(async () => await SeenAsync("wait_event") == "ClientWrite");

        var holder = Assert.Single((await host.DiagnoseAsync()).Report.Holders);
        Assert.EndsWith($"select pg_terminate_backend({psql.Pid})", holder.Hint, StringComparison.Ordinal);
        await _database.QueryAsync($"SELECT pg_terminate_backend({psql.Pid})");

        await Eventually.BecomesTrueAsync(async () => (await host.DiagnoseAsync()).Report.Holders.Count == 0);
    }

    [Fact]
    public async Task Another_role_is_named_where_ours_may_not_end_a_session()
    {
        var role = _database.CreateRole("", owner: true);
        await _database.QueryAsync($"GRANT pg_read_all_stats TO {role}");
        await using var host = _database.HostWith(connection => connection.Username = role);
        await using var psql = await _database.HoldFromOutsideAsync("LOCK TABLE guarded IN SHARE MODE;");

        var holder = Assert.Single((await host.DiagnoseAsync()).Report.Holders);

        Assert.EndsWith($"select pg_terminate_backend({psql.Pid}) (as role postgres or a superuser)", holder.Hint, StringComparison.Ordinal);
    }

    public async Task InitializeAsync() => await _database.QueryAsync(
        """
        CREATE TABLE guarded (id integer);
        CREATE TYPE mood AS ENUM ('good');
        CREATE FUNCTION number() RETURNS integer LANGUAGE sql AS 'SELECT 1';
        CREATE SCHEMA apart;
        """);

    public async Task DisposeAsync() => await _database.DisposeAsync();
}
