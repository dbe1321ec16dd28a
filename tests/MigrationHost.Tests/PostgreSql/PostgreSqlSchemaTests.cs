using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.PostgreSql;

/// <summary>The history stays where it is, also where the connection's default schema becomes another one.</summary>
[Collection(PostgreSqlCluster.Collection)]
public sealed class PostgreSqlSchemaTests(PostgreSqlCluster cluster) : IAsyncLifetime
{
    private readonly PostgreSqlTestDatabase _database = new(cluster);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task A_script_for_psql_works_in_the_schema_that_the_connection_asks_for()
    {
        await _database.QueryAsync("CREATE SCHEMA tenant");
        _database.Migration("1_create", "CREATE TABLE mine (id int);");
        _database.Migration("2_alone", "-- migrationhost: transaction=none\nCREATE INDEX CONCURRENTLY mine_id ON mine (id);");
        await using var host = _database.HostWith(connection => connection.SearchPath = "tenant, public");

        await _database.RunFileAsync(_database.Folder.Write("all.sql", (await host.Run.ScriptAsync()).Text));

        Assert.Equal("tenant|migrationhost_history\ntenant|mine", await _database.QueryAsync(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('tenant', 'public') ORDER BY tablename COLLATE \"C\""));
        Assert.Null(await host.MigrateAsync());
        Assert.Equal(2, host.Status.AppliedCount);
    }

    [Fact]
    public async Task A_migration_that_makes_the_schema_of_its_user_does_not_lose_the_history()
    {
        // The search_path is "$user", public: from the second migration on the first of the two exists.
        _database.Migration("1_create", "CREATE TABLE counted (id integer);");
        _database.Migration("2_schema", $"CREATE SCHEMA {cluster.Server.Username};");
        _database.Migration("3_insert", "INSERT INTO public.counted VALUES (1);");
        await using (var host = _database.Host())
            Assert.Null(await host.MigrateAsync());

        for (var start = 0; start < 2; start++)
        {
            await using var again = _database.Host();
            var error = await again.MigrateAsync();
            Assert.Equal(MigrationErrorCode.HistoryMismatch, error?.Code);
            Assert.Contains("the history of these migrations is in the schema public", error!.Message, StringComparison.Ordinal);
            Assert.Contains("Search Path=public", error.Hint, StringComparison.Ordinal);
        }
        Assert.Equal("1", await _database.QueryAsync("SELECT count(*) FROM public.counted"));

        // The look for it waits for nobody unseen.
        await using (var holder = await _database.HoldFromOutsideAsync("LOCK TABLE public.migrationhost_history IN ACCESS EXCLUSIVE MODE;"))
        {
            await using var blocked = _database.Host(("Timeouts:Lock", "00:00:03"), ("Timeouts:StallAfter", "00:00:00.200"));
            var error = await blocked.MigrateAsync();
            Assert.Equal(MigrationErrorCode.Blocked, error?.Code);
            Assert.Contains($"(pid {holder.Pid})", error!.Message, StringComparison.Ordinal);
        }

        await using var corrected = _database.HostWith(connection => connection.SearchPath = "public");
        Assert.Null(await corrected.MigrateAsync());
    }

    [Fact]
    public async Task The_same_migrations_in_a_schema_for_each_tenant_are_no_mistake()
    {
        _database.Migration("1_create", "CREATE TABLE counted (id integer);");
        foreach (var tenant in (string[])["t1", "t2"])
        {
            await _database.QueryAsync($"CREATE SCHEMA {tenant}");
            await using var host = _database.HostWith(connection => connection.SearchPath = $"{tenant}, public");
            Assert.Null(await host.MigrateAsync());
        }
        Assert.Equal("2", await _database.QueryAsync("SELECT count(*) FROM pg_tables WHERE tablename = 'counted'"));
    }
}
