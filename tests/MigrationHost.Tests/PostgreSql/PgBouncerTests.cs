using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.PostgreSql;

/// <summary>A real PgBouncer between us and the server.</summary>
[Collection(PostgreSqlCluster.Collection)]
public sealed class PgBouncerTests(PostgreSqlCluster cluster)
{
    [Theory]
    [InlineData("transaction")]
    [InlineData("statement")]
    public async Task A_pool_that_changes_sessions_under_us_is_refused_with_the_remedy(string mode)
    {
        await using var database = new PostgreSqlTestDatabase(cluster);
        database.Migration("1_create", "CREATE TABLE a (id int);");
        await using var pool = await PgBouncer.StartAsync(cluster, mode);
        await using var host = Through(pool, database);

        var error = await host.MigrateAsync();

        Assert.Equal((MigrationErrorCode.InvalidConfiguration, 2), (error?.Code, error?.ExitCode));
        Assert.Contains("pooler in transaction mode", error!.Message, StringComparison.Ordinal);
        Assert.Contains("pool_mode = session", error.Hint, StringComparison.Ordinal);
        Assert.Equal("0", await database.QueryAsync("SELECT count(*) FROM pg_class WHERE relname IN ('a', 'migrationhost_history')"));
    }

    [Fact]
    public async Task A_pool_of_sessions_works()
    {
        await using var database = new PostgreSqlTestDatabase(cluster);
        database.Migration("1_create", "CREATE TABLE a (id int);");
        database.Migration("2_index", "-- migrationhost: transaction=none\nCREATE INDEX CONCURRENTLY a_id ON a (id);");
        await using var pool = await PgBouncer.StartAsync(cluster, "session");
        await using (var host = Through(pool, database))
            Assert.Null(await host.MigrateAsync());

        Assert.Equal("1\n2", await database.HistoryAsync());
    }

    private static TestHost Through(PgBouncer pool, PostgreSqlTestDatabase database) => new(database.Folder.Path,
    [
        KeyValuePair.Create("MigrationHost:Databases:app:Provider", (string?)"PostgreSql"),
        KeyValuePair.Create("MigrationHost:Databases:app:ConnectionString", (string?)$"Host=127.0.0.1;Port={pool.Port};Username=postgres;Database={database.Name}"),
    ]);

    private sealed class PgBouncer : IAsyncDisposable
    {
        private readonly TempFolder _folder = new();
        private RunningProgram? _program;

        public int Port { get; } = PostgreSqlCluster.FreePort();

        public static async Task<PgBouncer> StartAsync(PostgreSqlCluster cluster, string mode)
        {
            var pool = new PgBouncer();
            await PostgreSqlCluster.HandOverAsync(pool._folder["run"]);
            var ini = pool._folder.Write("pgbouncer.ini", $"""
                [databases]
                * = host=127.0.0.1 port={cluster.Server.Port} user=postgres
                [pgbouncer]
                listen_addr = 127.0.0.1
                listen_port = {pool.Port}
                unix_socket_dir =
                auth_type = any
                pool_mode = {mode}
                default_pool_size = 5
                """);
            string[] command = [.. PostgreSqlCluster.AsPostgres, "/usr/sbin/pgbouncer", ini];
            pool._program = new RunningProgram(command[0], command[1..], "/");
            await Eventually.BecomesTrueAsync(() => pool._program.Errors.Contains("process up", StringComparison.Ordinal) || pool._program.HasExited, () => pool._program.All);
            Assert.False(pool._program.HasExited, pool._program.All);
            return pool;
        }

        public async ValueTask DisposeAsync()
        {
            await _program!.DisposeAsync();
            _folder.Dispose();
        }
    }
}
