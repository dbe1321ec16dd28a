using System.Globalization;
using System.Net;
using System.Net.Sockets;
using MigrationHost.Databases;
using MigrationHost.Running;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.MySql;

/// <summary>Servers, accounts and networks as people have them.</summary>
[Collection(MariaDbServer.Collection)]
public sealed class MySqlArrivalsTests(MariaDbServer server)
{
    [Theory]
    [InlineData("autocommit", "0")]
    [InlineData("completion_type", "'CHAIN'")]
    [InlineData("completion_type", "'RELEASE'")]
    [InlineData("tx_read_only", "1")]
    [InlineData("wait_timeout", "1")]
    [InlineData("sql_mode", "'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'")]
    [InlineData("sql_mode", "'ORACLE'")]
    [InlineData("sql_select_limit", "0")]
    [InlineData("sql_select_limit", "1")]
    [InlineData("max_join_size", "1")]
    [InlineData("sql_safe_updates", "1")]
    [InlineData("innodb_default_row_format", "'COMPACT'")]
    [InlineData("init_connect", "'SET autocommit = 0, wait_timeout = 1, lock_wait_timeout = 1'")]
    public async Task What_a_server_sets_for_all_sessions_breaks_no_run(string variable, string value)
    {
        await using var database = new MySqlTestDatabase(server);
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);\nINSERT INTO a VALUES (1);");
        database.Migration("2_insert", "INSERT INTO a VALUES (2);");
        await using var host = database.HostWith(database.CreateAccount("ALL"));
        await server.QueryAsync($"SET GLOBAL {variable} = {value}");
        try
        {
            Assert.Null(await host.MigrateAsync());
        }
        finally
        {
            await server.QueryAsync($"SET GLOBAL {variable} = DEFAULT");
        }
        Assert.Equal("1\n2", await database.QueryAsync("SELECT id FROM a ORDER BY id"));
        Assert.Equal("applied|applied", await database.QueryAsync("SELECT group_concat(state SEPARATOR '|') FROM migrationhost_history"));
        Assert.DoesNotContain(host.Log.All, line => line.Contains("was lost", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_syntax_error_does_not_quote_the_rest_of_the_statement()
    {
        await using var database = new MySqlTestDatabase(server);
        database.Migration("1_wrong", "CREATE USER app IDENTIFID BY 'Zq7xKw9v';");
        await using var host = database.Host();

        var message = (await host.MigrateAsync())!.Message;

        Assert.Contains("near 'IDENTIFID…'", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("false", "Duplicate entry '…' for key")]
    [InlineData("true", "Duplicate entry 'Zq7xKw9v' for key")]
    public async Task A_value_that_an_error_quotes_is_shown_only_with_the_statements(string show, string message)
    {
        await using var database = new MySqlTestDatabase(server);
        database.Migration("1_wrong", "CREATE TABLE a (x varchar(20) UNIQUE);\nINSERT INTO a VALUES ('Zq7xKw9v'), ('Zq7xKw9v');");
        await using var host = database.Host(("Databases:app:ShowStatements", show));

        Assert.Contains(message, (await host.MigrateAsync())!.Message, StringComparison.Ordinal);
        Assert.Equal(show == "true", host.Log.All.Any(line => line.Contains("Zq7xKw9v", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_nobody_has_committed_is_not_read_on_a_server_that_would_show_it()
    {
        await using var database = new MySqlTestDatabase(server);
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        await using (var first = database.Host())
            Assert.Null(await first.MigrateAsync());
        await server.QueryAsync("SET GLOBAL tx_isolation = 'READ-UNCOMMITTED'");
        try
        {
            await using var holder = await database.HoldFromOutsideAsync("BEGIN; DELETE FROM migrationhost_history");
            await using var host = database.Host();
            await host.Run.InspectAsync(null, default);
            Assert.Equal((1, 0), (host.Status.AppliedCount, host.Status.PendingCount));
        }
        finally
        {
            await server.QueryAsync("SET GLOBAL tx_isolation = DEFAULT");
        }
    }

    [Fact]
    public async Task A_primary_that_becomes_a_replica_in_the_middle_is_waited_for_and_the_script_goes_on()
    {
        await using var database = new MySqlTestDatabase(server);
        var gate = $"gate_{database.Name}";
        database.Migration("1_create", $"CREATE TABLE a (id INTEGER);\nDO GET_LOCK('{gate}', 1000);\nCREATE TABLE b (id INTEGER);");
        await using var holder = await database.HoldFromOutsideAsync($"DO GET_LOCK('{gate}', 0)");
        await using var host = database.HostWith(database.CreateAccount("ALL"));
        var run = host.MigrateAsync();
        await host.StatusAsync(status => status.Running is { Statement: 2 });

        await server.QueryAsync("SET GLOBAL read_only = 1");
        try
        {
            await holder.ReleaseAsync();
            await host.StatusAsync(status => status.WaitingFor?.What.Contains("to take writes", StringComparison.Ordinal) is true);
        }
        finally
        {
            await server.QueryAsync("SET GLOBAL read_only = 0");
        }

        Assert.Null(await run);
        Assert.Equal("applied", await database.QueryAsync("SELECT state FROM migrationhost_history"));
    }

    [Theory]
    [InlineData("MAX_USER_CONNECTIONS 1", "a free connection", "max_user_connections of the account")]
    [InlineData("MAX_CONNECTIONS_PER_HOUR 1", "to take statements of this account again", "ALTER USER")]
    public async Task A_limit_of_the_account_is_waited_for_and_said(string limit, string what, string remedy)
    {
        await using var database = new MySqlTestDatabase(server);
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        var account = database.CreateAccount("ALL");
        await server.QueryAsync($"GRANT USAGE ON *.* TO {account.Split("User ID=")[1].Split(';')[0]}@'%' WITH {limit}");
        await using var host = database.HostWith(account, ("Databases:app:Timeouts:DatabaseWait", "00:00:03"));

        var error = await host.MigrateAsync();

        Assert.Equal((MigrationErrorCode.DatabaseUnreachable, 3, true), (error?.Code, error?.ExitCode, error?.Transient));
        Assert.Contains(what, error!.Message, StringComparison.Ordinal);
        Assert.Contains(remedy, error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_history_that_the_account_may_not_read_is_not_taken_for_an_empty_one()
    {
        await using var database = new MySqlTestDatabase(server);
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        await using (var first = database.Host())
            Assert.Null(await first.MigrateAsync());
        await using var host = database.HostWith(database.CreateAccount("CREATE, DROP"));

        var (_, error) = await host.Run.InspectAsync(null, default);

        Assert.Equal((MigrationErrorCode.DatabaseUnreachable, 3), (error?.Code, error?.ExitCode));
        Assert.Contains("SELECT command denied", error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_account_that_may_create_a_view_and_not_look_at_its_definition_creates_it()
    {
        await using var database = new MySqlTestDatabase(server);
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);\nCREATE VIEW v AS SELECT id FROM a;\nDROP VIEW v;\nCREATE VIEW v AS SELECT id + 1 FROM a;");
        await using var host = database.HostWith(database.CreateAccount("SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, CREATE VIEW"));

        Assert.Null(await host.MigrateAsync());
    }

    [Fact]
    public async Task A_statement_longer_than_the_server_takes_is_refused_before_anything_runs()
    {
        await using var database = new MySqlTestDatabase(server);
        database.Migration("1_create", "CREATE TABLE a (t LONGTEXT);");
        database.Migration("2_long", $"SELECT 1;\nINSERT INTO a VALUES ('{new string('x', 1 << 20)}');");
        await server.QueryAsync("SET GLOBAL max_allowed_packet = 1048576");
        try
        {
            await using var host = database.Host();
            var error = await host.MigrateAsync();

            Assert.Equal((MigrationErrorCode.MigrationFailed, 2, 0), (error?.Code, error?.Line, host.Status.AppliedCount));
            Assert.Contains("longer than the 1,048,576 bytes", error!.Message, StringComparison.Ordinal);
        }
        finally
        {
            await server.QueryAsync("SET GLOBAL max_allowed_packet = DEFAULT");
        }
        await using var again = database.Host();
        Assert.Null(await again.MigrateAsync());
    }

    [Fact]
    public async Task Another_service_behind_the_port_is_said()
    {
        await using var database = new MySqlTestDatabase(server);
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var answers = AnswerAsync(other);
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        await using var host = database.HostWith(string.Create(CultureInfo.InvariantCulture, $"Server=127.0.0.1;Port={port};Database=app"));

        var error = await host.MigrateAsync();

        Assert.Equal((MigrationErrorCode.DatabaseUnreachable, 3), (error?.Code, error?.ExitCode));
        Assert.Contains("does not speak the protocol of MySQL and MariaDB", error!.Message, StringComparison.Ordinal);
        await answers;

        answers = AnswerAsync(other);
        Assert.False((await host.Run.Diagnostician.TakeAsync(TimeSpan.Zero)).Report.Complete);
        await answers;
        answers = AnswerAsync(other);
        var checks = new List<DoctorCheck>();
        await foreach (var check in Doctor.ExamineAsync(host.Run, TimeProvider.System, default))
            checks.Add(check);
        Assert.Contains(checks, check => check.Result == DoctorResult.Problem && check.Message.Contains("does not speak the protocol", StringComparison.Ordinal));
        await answers;
    }

    [Fact]
    public async Task The_socket_of_a_server_that_is_late_is_waited_for()
    {
        await using var database = new MySqlTestDatabase(server);
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        await using var host = database.HostWith($"Server={database.Folder["late"]};User ID=root;Database={database.Name}");
        using var stop = new CancellationTokenSource();
        var run = host.MigrateAsync(stop.Token);

        await host.StatusAsync(status => status.WaitingFor?.What.Contains("to come up", StringComparison.Ordinal) is true);

        await stop.CancelAsync();
        Assert.Equal(MigrationErrorCode.Interrupted, (await run)?.Code);
    }

    [Fact]
    public async Task A_proxy_that_runs_statements_in_sessions_of_its_own_is_refused()
    {
        await using var database = new MySqlTestDatabase(server);
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        await using var proxy = new MultiplexingProxy(server.Port);
        await using var host = database.HostWith(Through(proxy.Port, database));

        var error = await host.MigrateAsync();

        Assert.Equal((MigrationErrorCode.DatabaseUnreachable, 3), (error?.Code, error?.ExitCode));
        Assert.Contains("a proxy is in between", error!.Message, StringComparison.Ordinal);
        Assert.Contains("ProxySQL", error.Hint, StringComparison.Ordinal);
        Assert.Equal("", await database.SchemaAsync());
    }

    [Fact]
    public async Task A_network_that_is_cut_is_noticed_and_the_script_goes_on_once_it_is_mended()
    {
        await using var database = new MySqlTestDatabase(server);
        await using var proxy = new TcpProxy(server.Port);
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);\nINSERT INTO a SELECT SLEEP(2);\nCREATE TABLE b (id INTEGER);");
        await using var host = database.HostWith(Through(proxy.Port, database));
        var run = host.MigrateAsync();
        await host.StatusAsync(status => status.Running is { Statement: 2 });

        proxy.Cut();
        await Eventually.BecomesTrueAsync(() => host.Log.All.Any(line => line.Contains("the connection was lost", StringComparison.Ordinal)), () => host.Status.ToString());
        proxy.Mend();

        Assert.Null(await run);
        Assert.Equal("0", await database.QueryAsync("SELECT id FROM a"));
    }

    [Fact]
    public async Task Told_to_stop_behind_a_cut_network_it_lets_go()
    {
        await using var database = new MySqlTestDatabase(server);
        await using var proxy = new TcpProxy(server.Port);
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);\nSELECT SLEEP(100);");
        await using var host = database.HostWith(Through(proxy.Port, database), ("Databases:app:Timeouts:Grace", "00:00:30"));
        using var stop = new CancellationTokenSource();
        var run = host.MigrateAsync(stop.Token);
        await host.StatusAsync(status => status.Running is { Statement: 2 });

        proxy.Cut();
        await stop.CancelAsync();

        Assert.Equal(MigrationErrorCode.Interrupted, (await run)?.Code);
        Assert.Equal(MigrationPhase.Stopped, host.Status.Phase);
    }

    private string Through(int port, MySqlTestDatabase database) =>
        database.ConnectionString.Replace($"Port={server.Port}", string.Create(CultureInfo.InvariantCulture, $"Port={port}"), StringComparison.Ordinal);

    private static async Task AnswerAsync(TcpListener other)
    {
        using var client = await other.AcceptTcpClientAsync();
        await client.GetStream().WriteAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray());
    }
}
