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

    [Fact]
    public async Task What_a_pool_swallows_of_the_connection_string_is_set_in_its_sessions()
    {
        await using var database = new PostgreSqlTestDatabase(cluster);
        var role = database.CreateRole("", owner: false);
        await database.QueryAsync($"CREATE SCHEMA t1 AUTHORIZATION {role}; CREATE SCHEMA t2 AUTHORIZATION {role}");
        database.Migration("1_create", "CREATE TABLE a AS SELECT current_setting('TimeZone') AS zone, current_setting('work_mem') AS memory, current_setting('app.who') AS who;");
        database.Migration("2_reset", "SET search_path TO DEFAULT;\nCREATE TABLE b (id int);\nRESET ALL;\nRESET ROLE;\nCREATE TABLE c AS SELECT current_setting('app.who') AS who;");
        database.Migration("3_outside", "-- migrationhost: transaction=none\nRESET search_path;\nCREATE TABLE d (id int);\nCREATE INDEX CONCURRENTLY d_id ON d (id);\nDISCARD ALL;\nCREATE TABLE e (id int);");
        database.Migration("4_last", "CREATE TABLE f (id int);");
        await using var pool = await PgBouncer.StartAsync(cluster, "session", "ignore_startup_parameters = search_path, options, timezone");
        foreach (var tenant in (string[])["t1", "t2"])
        {
            await using var host = Through(pool, database, $";Search Path={tenant};Timezone=Asia/Tokyo;Options=-c work_mem=7MB --app.who=a\\ b -c role={role}");
            Assert.Null(await host.MigrateAsync());
        }

        Assert.Equal("t1|6|1\nt2|6|1", await database.QueryAsync($"SELECT schemaname, count(*) FILTER (WHERE tableowner = '{role}' AND tablename <> 'migrationhost_history'), count(*) FILTER (WHERE tablename = 'migrationhost_history') FROM pg_tables WHERE schemaname ~ '^(t.|public)$' GROUP BY 1 ORDER BY 1"));
        Assert.Equal("Asia/Tokyo|7MB|a b|a b", await database.QueryAsync("SELECT a.*, c.who FROM t2.a, t2.c"));
    }

    [Fact]
    public async Task A_setting_that_a_pool_takes_away_again_is_an_error_with_the_cause()
    {
        await using var database = new PostgreSqlTestDatabase(cluster);
        await database.QueryAsync("CREATE SCHEMA t1");
        database.Migration("1_create", "CREATE TABLE a (id int);");
        await using var pool = await PgBouncer.StartAsync(cluster, "transaction", "ignore_startup_parameters = search_path", "server_reset_query_always = 1");
        await using var host = Through(pool, database, ";Search Path=t1");

        var error = await host.MigrateAsync();

        Assert.Equal((MigrationErrorCode.InvalidConfiguration, 2), (error?.Code, error?.ExitCode));
        Assert.Contains("search_path does not stay what the connection string asks for ('t1')", error!.Message, StringComparison.Ordinal);
        Assert.Contains("pool_mode = session", error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_start_up_parameter_that_a_pool_refuses_is_named_with_the_remedy()
    {
        await using var database = new PostgreSqlTestDatabase(cluster);
        database.Migration("1_create", "CREATE TABLE a (id int);");
        await using var pool = await PgBouncer.StartAsync(cluster, "session");
        await using var host = Through(pool, database, ";Search Path=t1");

        var error = await host.MigrateAsync();

        Assert.Equal(3, error?.ExitCode);
        Assert.Contains("search_path", error!.Message, StringComparison.Ordinal);
        Assert.Contains("ignore_startup_parameters", error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_setting_that_the_server_refuses_in_a_session_is_named()
    {
        await using var database = new PostgreSqlTestDatabase(cluster);
        database.Migration("1_create", "CREATE TABLE a (id int);");
        await using var pool = await PgBouncer.StartAsync(cluster, "session", "ignore_startup_parameters = options");
        await using var host = Through(pool, database, ";Options=-c role=nobody_here");

        var error = await host.MigrateAsync();

        Assert.Equal(2, error?.ExitCode);
        Assert.Contains("role \"nobody_here\" does not exist", error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pool_of_one_session_is_waited_for_and_named()
    {
        await using var database = new PostgreSqlTestDatabase(cluster);
        database.Migration("1_create", "CREATE TABLE a (id int);");
        await using var pool = await PgBouncer.StartAsync(cluster, "session", "default_pool_size = 1");
        await using var host = Through(pool, database, "", ("MigrationHost:Timeouts:DatabaseWait", "00:00:01"), ("MigrationHost:Timeouts:Grace", "00:01:00"));

        var error = await host.MigrateAsync();

        Assert.Equal((MigrationErrorCode.DatabaseUnreachable, 3), (error?.Code, error?.ExitCode));
        Assert.Contains($"for a free connection on {host.Run.Database.Target}", error!.Message, StringComparison.Ordinal);
        Assert.Contains("the size of a pooler's pool", error.Hint, StringComparison.Ordinal);
        Assert.DoesNotContain(host.Log.All, line => line.Contains("was lost", StringComparison.Ordinal));
    }

    private static TestHost Through(PgBouncer pool, PostgreSqlTestDatabase database, string more = "", params (string Key, string Value)[] settings) => new(database.Folder.Path,
    [
        KeyValuePair.Create("MigrationHost:Databases:app:Provider", (string?)"PostgreSql"),
        KeyValuePair.Create("MigrationHost:Databases:app:ConnectionString", (string?)$"Host=127.0.0.1;Port={pool.Port};Username=postgres;Database={database.Name}{more}"),
        .. settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)),
    ]);

    private sealed class PgBouncer : IAsyncDisposable
    {
        private readonly TempFolder _folder = new();
        private RunningProgram? _program;

        public int Port { get; } = PostgreSqlCluster.FreePort();

        public static async Task<PgBouncer> StartAsync(PostgreSqlCluster cluster, string mode, params string[] more)
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
                {string.Join('\n', more)}
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
