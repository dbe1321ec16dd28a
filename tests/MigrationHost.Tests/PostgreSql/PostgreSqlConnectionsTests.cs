using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.PostgreSql;

/// <summary>Ways to the server, and how many of them a run takes.</summary>
[Collection(PostgreSqlCluster.Collection)]
public sealed class PostgreSqlConnectionsTests(PostgreSqlCluster cluster) : IAsyncLifetime
{
    private readonly PostgreSqlTestDatabase _database = new(cluster);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task A_unix_socket_works()
    {
        foreach (var socket in (string[])[cluster.SocketFolder, cluster.AbstractSocket, $"{cluster.SocketFolder},127.0.0.1"])
        {
            _database.Migration("1_create", "CREATE TABLE IF NOT EXISTS a (id int);");
            await using var host = _database.HostWith(connection => connection.Host = socket);

            Assert.Null(await host.MigrateAsync());
            Assert.True((await host.DiagnoseAsync()).Report.Complete);
            await _database.QueryAsync("DROP TABLE migrationhost_history, a");
        }
        await _database.AssertReleasedAsync();
    }

    [Fact]
    public async Task A_statement_over_a_unix_socket_can_be_cancelled()
    {
        _database.Migration("1_endless", _database.Endless);
        await using var host = _database.HostWith(connection => connection.Host = cluster.SocketFolder, ("Timeouts:Migration", "00:00:01"));

        Assert.Equal(MigrationErrorCode.DeadlineExceeded, (await host.MigrateAsync())?.Code);
        await _database.AssertReleasedAsync();
    }

    [Theory]
    [InlineData("ALTER ROLE {0} CONNECTION LIMIT 0", "too many connections for role")]
    [InlineData("ALTER ROLE {0} CONNECTION LIMIT 1", "too many connections for role")]
    [InlineData("ALTER DATABASE {1} CONNECTION LIMIT 0", "too many connections for database")]
    public async Task A_limit_of_connections_is_waited_for_and_named(string limit, string message)
    {
        var role = _database.CreateRole("", owner: true);
        await _database.QueryAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, limit, role, _database.Name));
        _database.Migration("1_create", "CREATE TABLE a (id int);");
        await using (var impatient = _database.HostWith(connection => connection.Username = role, ("Timeouts:DatabaseWait", "00:00:01")))
        {
            var error = await impatient.MigrateAsync();
            Assert.Equal((MigrationErrorCode.DatabaseUnreachable, 3, true), (error?.Code, error?.ExitCode, error?.Transient));
            Assert.Contains($"waited 1 s for a free connection on {impatient.Run.Database.Target} ({message}", error!.Message, StringComparison.Ordinal);
            Assert.Contains("CONNECTION LIMIT", error.Hint, StringComparison.Ordinal);
        }
        await using var host = _database.HostWith(connection => connection.Username = role);
        var run = host.MigrateAsync();
        await Eventually.BecomesTrueAsync(() => host.Status.WaitingFor?.What.Contains($"a free connection on", StringComparison.Ordinal) is true, () => host.Status.ToString());
        await _database.QueryAsync($"ALTER ROLE {role} CONNECTION LIMIT -1; ALTER DATABASE {_database.Name} CONNECTION LIMIT -1");

        Assert.Null(await run);
        Assert.DoesNotContain(host.Log.All, line => line.Contains("was lost", StringComparison.Ordinal));
        await _database.AssertReleasedAsync();
    }

    [Fact]
    public async Task A_replica_that_waits_for_its_turn_has_one_connection()
    {
        var role = _database.CreateRole("", owner: true);
        _database.Migration("1_slow", "CREATE TABLE a (id int);\nSELECT pg_sleep(100000);");
        await using var first = _database.HostWith(connection => connection.Username = role, ("Timeouts:StallAfter", "00:10:00"));
        await using var second = _database.HostWith(connection => connection.Username = role, ("Timeouts:StallAfter", "00:10:00"));
        using var stop = new CancellationTokenSource();
        var running = first.MigrateAsync(stop.Token);
        await Eventually.BecomesTrueAsync(() => first.Status.Running is { Statement: 2 }, () => first.Status.ToString());
        var waiting = second.MigrateAsync(stop.Token);
        await Eventually.BecomesTrueAsync(() => second.Status.WaitingFor?.What.Contains("statement 2", StringComparison.Ordinal) is true, () => second.Status.ToString());

        Assert.Equal("3", await _database.QueryAsync($"SELECT count(*) FROM pg_stat_activity WHERE usename = '{role}'"));

        await stop.CancelAsync();
        await Task.WhenAll(running, waiting);
        await _database.AssertReleasedAsync();
    }

    [Fact]
    public async Task Replicas_that_share_two_connections_let_each_other_through()
    {
        var role = _database.CreateRole("CONNECTION LIMIT 2", owner: true);
        for (var version = 1; version <= 5; version++)
            _database.Migration($"{version}_create", $"CREATE TABLE t{version} (id int);");
        TestHost[] hosts = [.. Enumerable.Range(0, 4).Select(_ => _database.HostWith(connection => connection.Username = role, ("Timeouts:StallAfter", "00:10:00")))];

        var errors = await Task.WhenAll(hosts.Select(host => host.MigrateAsync()));

        Assert.All(errors, Assert.Null);
        Assert.Equal("1\n2\n3\n4\n5", await _database.HistoryAsync());
        await _database.AssertReleasedAsync();
        foreach (var host in hosts)
            await host.DisposeAsync();
    }

    [Fact]
    public async Task A_role_that_reads_only_by_default_migrates_also_outside_a_transaction()
    {
        var role = _database.CreateRole("", owner: true);
        await _database.QueryAsync($"ALTER ROLE {role} SET default_transaction_read_only = on; GRANT ALL ON SCHEMA public TO {role}");
        _database.Migration("1_create", "CREATE TABLE a (id int);");
        _database.Migration("2_outside", "-- migrationhost: transaction=none\nINSERT INTO a VALUES (1);\nCREATE INDEX CONCURRENTLY a_id ON a (id);\nINSERT INTO a VALUES (2);");
        await using var host = _database.HostWith(connection => connection.Username = role);

        Assert.Null(await host.MigrateAsync());
        Assert.Equal("1\n2", await _database.QueryAsync("SELECT id FROM a ORDER BY id"));
    }

    [Theory]
    [InlineData("SET client_encoding = 'LATIN1';")]
    [InlineData("set session client_encoding to latin1;")]
    [InlineData("SET LOCAL client_encoding TO \"WIN1252\";")]
    [InlineData("SET NAMES 'LATIN1';")]
    [InlineData("SELECT pg_catalog.set_config('client_encoding', 'SQL_ASCII', false);")]
    [InlineData("SET /* whose? */ client_encoding = 'LATIN1';")]
    [InlineData("DO $$ BEGIN EXECUTE 'SET client_' || 'encoding = LATIN1'; END $$;")]
    public async Task Another_encoding_in_a_script_is_refused_and_nothing_is_stored_wrongly(string script)
    {
        foreach (var header in (string[])["", "-- migrationhost: transaction=none\n"])
        {
            var version = header.Length == 0 ? 1 : 2;
            _database.Migration($"{version}_umlaut", $"{header}CREATE TABLE IF NOT EXISTS a (t text);\n{script}\nINSERT INTO a VALUES ('äöü');");
            await using var host = _database.Host();

            var error = await host.MigrateAsync();

            Assert.Equal((4, version + 1), (error?.ExitCode, error?.Line));
            Assert.Contains("changes client_encoding: migrations are UTF-8", error!.Message, StringComparison.Ordinal);
            File.Delete(_database.Folder[$"migrations/{version}_umlaut.sql"]);
        }
        Assert.Equal("0", await _database.QueryAsync("SELECT coalesce((SELECT reltuples FROM pg_class WHERE relname = 'a' AND reltuples > 0), 0)"));
    }

    [Fact]
    public async Task Text_is_utf8_whatever_the_server_the_connection_string_or_the_script_prefers()
    {
        var role = _database.CreateRole("", owner: true);
        await _database.QueryAsync($"ALTER ROLE {role} SET client_encoding = 'LATIN1'; ALTER DATABASE {_database.Name} SET client_encoding = 'LATIN1'; GRANT ALL ON SCHEMA public TO {role}");
        _database.Migration("1_umlaut", "SET client_encoding = 'UTF8';\nSET NAMES 'utf-8';\nCREATE TABLE a (t text);\nINSERT INTO a VALUES ('äöü€');\nRESET client_encoding;\nRESET ALL;\nINSERT INTO a VALUES ('ß');");
        _database.Migration("2_umlaut", "INSERT INTO a VALUES ('é');");
        await using var host = _database.HostWith(connection =>
        {
            connection.Username = role;
            connection.ClientEncoding = "LATIN1";
            connection["Encoding"] = "iso-8859-1";
        });

        Assert.Null(await host.MigrateAsync());

        Assert.Equal("c3a4c3b6c3bce282ac\nc39f\nc3a9", await _database.QueryAsync("SELECT encode(convert_to(t, 'UTF8'), 'hex') FROM a"));
        Assert.Contains(host.Log.All, line => line.Contains("Client Encoding in the connection string is not used: migrations are UTF-8", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_the_environment_says_of_the_encoding_is_not_used_and_what_it_asks_of_the_session_is()
    {
        await _database.QueryAsync("CREATE SCHEMA t1");
        _database.Migration("1_umlaut", "CREATE TABLE a (t text);\nINSERT INTO a VALUES ('äöü');\nRESET ALL;\nCREATE TABLE b AS SELECT current_setting('TimeZone') AS zone;");
        string[] environment = ["PGCLIENTENCODING=LATIN1", "PGTZ=Asia/Tokyo", "PGOPTIONS=-c search_path=t1"];
        foreach (var command in (string[])["migrate", "doctor"])
        {
            await using var program = new RunningProgram("env", [.. environment, MigrationHostProgram.Path, command, .. _database.Arguments()], _database.Folder.Path);
            program.CloseInput();
            Assert.True(await program.ExitAsync() == 0, program.All);
            Assert.Equal(command == "doctor", program.All.Contains("the environment variable PGCLIENTENCODING is not used", StringComparison.Ordinal));
        }
        Assert.Equal("c3a4c3b6c3bc|Asia/Tokyo", await _database.QueryAsync("SELECT encode(convert_to(t, 'UTF8'), 'hex'), zone FROM t1.a, t1.b"));
    }

    [Fact]
    public async Task A_role_of_the_session_stays_its_role_for_all_migrations_and_the_history()
    {
        var owner = _database.CreateRole("", owner: true);
        var login = _database.CreateRole("NOINHERIT", owner: false);
        await _database.QueryAsync($"GRANT {owner} TO {login}; GRANT ALL ON SCHEMA public TO {owner}; ALTER ROLE {login} SET role = '{owner}'");
        _database.Migration("1_create", "CREATE TABLE a (id int);\nSET work_mem = '8MB';");
        _database.Migration("2_outside", "-- migrationhost: transaction=none\nCREATE TABLE b (id int);\nVACUUM b;");
        _database.Migration("3_create", "CREATE TABLE c (id int);");
        await using var host = _database.HostWith(connection => connection.Username = login);

        Assert.Null(await host.MigrateAsync());

        Assert.Equal(owner, await _database.QueryAsync("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"));
    }
}
