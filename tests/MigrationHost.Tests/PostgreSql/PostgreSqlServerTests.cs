using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.PostgreSql;

/// <summary>A server that is not there yet, goes away, or does not let us in.</summary>
public sealed class PostgreSqlServerTests : IAsyncLifetime
{
    private readonly PostgreSqlCluster _cluster = PostgreSqlCluster.Private();

    public Task InitializeAsync() => _cluster.CreateAsync();

    public Task DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task A_server_that_comes_up_late_is_waited_for()
    {
        using var folder = new TempFolder();
        folder.Write("migrations/1_create.sql", "CREATE TABLE a (id int);");
        await using var host = new TestHost(folder.Path, Settings(_cluster.Server.Port));
        var run = host.MigrateAsync();
        await Eventually.BecomesTrueAsync(() => host.Status is { Phase: MigrationPhase.Connecting, WaitingFor.What: var what } && what.Contains("to come up", StringComparison.Ordinal), () => host.Status.ToString());

        await _cluster.StartAsync();

        Assert.Null(await run);
        Assert.Equal(MigrationPhase.Ready, host.Status.Phase);
    }

    [Fact]
    public async Task A_server_that_never_comes_up_is_unreachable_after_its_time_and_can_heal()
    {
        using var folder = new TempFolder();
        folder.Write("migrations/1_create.sql", "CREATE TABLE a (id int);");
        await using var host = new TestHost(folder.Path, Settings(_cluster.Server.Port, ("Timeouts:DatabaseWait", "00:00:00.500")));

        var error = await host.MigrateAsync();

        Assert.Equal((MigrationErrorCode.DatabaseUnreachable, 3, true), (error?.Code, error?.ExitCode, error?.Transient));
        Assert.Contains("refused", error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_killed_in_the_middle_is_waited_for_and_the_work_goes_on()
    {
        await _cluster.StartAsync();
        await using var database = new PostgreSqlTestDatabase(_cluster);
        database.Migration("1_create", "CREATE TABLE a (id int);");
        var middle = database.Migration("2_middle", "INSERT INTO a VALUES (1);\nSELECT pg_sleep(3);\nINSERT INTO a VALUES (2);");
        database.Migration("3_last", "INSERT INTO a VALUES (3);");
        await using var host = database.Host();
        var run = host.MigrateAsync();
        await Eventually.BecomesTrueAsync(() => host.Status.Running is { Version: "2", Statement: 2 }, () => host.Status.ToString());

        await _cluster.KillAsync();
        await Eventually.BecomesTrueAsync(() => host.Status is { Phase: MigrationPhase.Connecting, WaitingFor: not null }, () => host.Status.ToString());
        await _cluster.StartAsync();

        Assert.Null(await run);
        Assert.Equal("1\n2\n3", await database.QueryAsync("SELECT id FROM a ORDER BY id"));
        Assert.Contains(host.Log.All, line => line.Contains("the connection was lost", StringComparison.Ordinal));
        Assert.True(File.Exists(middle));
        await database.AssertReleasedAsync();
    }

    [Fact]
    public async Task A_backend_that_is_ended_every_time_is_given_up_with_the_reason()
    {
        await _cluster.StartAsync();
        await using var database = new PostgreSqlTestDatabase(_cluster);
        database.Migration("1_suicide", "SELECT pg_terminate_backend(pg_backend_pid());");
        await using var host = database.Host();

        var error = await host.MigrateAsync();

        Assert.Equal((MigrationErrorCode.DatabaseUnreachable, "1"), (error?.Code, error?.Version));
        Assert.Contains("times in a row", error!.Message, StringComparison.Ordinal);
        await database.AssertReleasedAsync();
    }

    [Fact]
    public async Task The_connection_at_the_side_may_break_without_harm()
    {
        await _cluster.StartAsync();
        await using var database = new PostgreSqlTestDatabase(_cluster);
        database.Migration("1_create", "CREATE TABLE a (id int);\nSELECT pg_sleep(2);\nINSERT INTO a VALUES (1);");
        database.Migration("2_more", "INSERT INTO a VALUES (2);");
        await using var host = database.Host();
        var run = host.MigrateAsync();
        await Eventually.BecomesTrueAsync(() => host.Status.Running is { Statement: 2 }, () => host.Status.ToString());

        await database.QueryAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'migrationhost:%' AND state = 'idle'");

        Assert.Null(await run);
        Assert.Equal("1\n2", await database.QueryAsync("SELECT id FROM a"));
        Assert.DoesNotContain(host.Log.All, line => line.Contains("was lost", StringComparison.Ordinal));
        await database.AssertReleasedAsync();
    }

    [Fact]
    public async Task A_network_that_is_cut_is_noticed_and_the_work_goes_on_once_it_is_mended()
    {
        await _cluster.StartAsync();
        await using var database = new PostgreSqlTestDatabase(_cluster);
        await using var proxy = new TcpProxy(_cluster.Server.Port);
        database.Migration("1_create", "CREATE TABLE a (id int);\nSELECT pg_sleep(6);\nINSERT INTO a VALUES (1);");
        await using var host = new TestHost(database.Folder.Path, SettingsFor($"Host=127.0.0.1;Port={proxy.Port};Username=postgres;Database={database.Name}"));
        var run = host.MigrateAsync();
        await Eventually.BecomesTrueAsync(() => host.Status.Running is { Statement: 2 }, () => host.Status.ToString());

        proxy.Cut();
        await Eventually.BecomesTrueAsync(() => host.Log.All.Any(line => line.Contains("the connection was lost", StringComparison.Ordinal)), () => host.Status.ToString());
        proxy.Mend();

        Assert.Null(await run);
        Assert.Equal("1", await database.QueryAsync("SELECT id FROM a"));
    }

    [Theory]
    [InlineData("Username=nobody_here", 3, "role \"nobody_here\" does not exist", "Username")]
    [InlineData("Username=locked", 3, "No password has been provided", "passfile")]
    [InlineData("Username=locked;Password=wrong", 3, "password authentication failed", "Password")]
    [InlineData("SSL Mode=Require", 3, "No SSL enabled connection", "SSL Mode=Prefer")]
    [InlineData("Read Buffer Size=0", 3, "the driver cannot use the connection string", "ones that the driver takes")]
    [InlineData("Search Path=not_there", 2, "no schema of the search_path exists", "Create the schema")]
    public async Task What_waiting_would_not_change_is_an_error_at_once(string change, int exitCode, string message, string hint)
    {
        await _cluster.StartAsync();
        await using var database = new PostgreSqlTestDatabase(_cluster);
        await database.QueryAsync("CREATE ROLE locked LOGIN PASSWORD 'right'");
        _cluster.RequirePassword("locked");
        await database.QueryAsync("SELECT pg_reload_conf()");
        database.Migration("1_create", "CREATE TABLE a (id int);");
        await using var host = new TestHost(database.Folder.Path, SettingsFor($"{database.ConnectionString};{change}"));

        var error = await host.MigrateAsync();

        Assert.Equal(exitCode, error?.ExitCode);
        Assert.Contains(message, error!.Message, StringComparison.Ordinal);
        Assert.Contains(hint, error.Hint, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(host.Log.All, line => line.Contains("Password=", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_standby_that_is_promoted_is_waited_for()
    {
        await _cluster.StartAsync();
        await using var database = new PostgreSqlTestDatabase(_cluster);
        database.Migration("1_create", "CREATE TABLE a (id int);");
        await _cluster.StopAsync();
        _cluster.BecomeStandby();
        await _cluster.StartAsync();

        await using (var impatient = database.Host(("Timeouts:DatabaseWait", "00:00:01")))
        {
            var error = await impatient.MigrateAsync();
            Assert.Equal((MigrationErrorCode.DatabaseUnreachable, true), (error?.Code, error?.Transient));
            Assert.Contains("to be promoted (it is a standby", error!.Message, StringComparison.Ordinal);
            Assert.Contains("name all hosts", error.Hint, StringComparison.Ordinal);
        }
        await using var host = database.Host();
        var run = host.MigrateAsync();
        await Eventually.BecomesTrueAsync(() => host.Status.WaitingFor?.What.Contains("to be promoted", StringComparison.Ordinal) is true, () => host.Status.ToString());
        await database.QueryAsync("SELECT pg_promote()");

        Assert.Null(await run);
        Assert.Equal("1", await database.HistoryAsync());
        await database.AssertReleasedAsync();
    }

    [Fact]
    public async Task A_database_that_is_created_late_is_waited_for()
    {
        await _cluster.StartAsync();
        await using var other = new PostgreSqlTestDatabase(_cluster);
        other.Migration("1_create", "CREATE TABLE a (id int);");
        await using (var impatient = new TestHost(other.Folder.Path, SettingsFor($"{other.ConnectionString};Database=not_there", ("Timeouts:DatabaseWait", "00:00:00.500"))))
        {
            var error = await impatient.MigrateAsync();
            Assert.Equal((MigrationErrorCode.DatabaseUnreachable, 3, true), (error?.Code, error?.ExitCode, error?.Transient));
            Assert.Contains("/not_there to be created (database \"not_there\" does not exist)", error!.Message, StringComparison.Ordinal);
            Assert.StartsWith("Create it there, as a superuser: create database \"not_there\" owner \"", error.Hint, StringComparison.Ordinal);
        }
        await using var host = new TestHost(other.Folder.Path, SettingsFor($"{other.ConnectionString};Database=late"));
        var run = host.MigrateAsync();
        await Eventually.BecomesTrueAsync(() => host.Status.WaitingFor?.What.Contains("to be created", StringComparison.Ordinal) is true, () => host.Status.ToString());
        await other.QueryAsync("CREATE DATABASE late");

        Assert.Null(await run);
    }

    private IEnumerable<KeyValuePair<string, string?>> Settings(int port, params (string Key, string Value)[] settings) => SettingsFor($"Host=127.0.0.1;Port={port};Username={_cluster.Server.Username};Database=postgres", settings);

    private static IEnumerable<KeyValuePair<string, string?>> SettingsFor(string connectionString, params (string Key, string Value)[] settings) =>
    [
        KeyValuePair.Create("MigrationHost:Databases:app:Provider", (string?)"PostgreSql"),
        KeyValuePair.Create("MigrationHost:Databases:app:ConnectionString", (string?)connectionString),
        .. settings.Select(setting => KeyValuePair.Create($"MigrationHost:{setting.Key}", (string?)setting.Value)),
    ];
}
