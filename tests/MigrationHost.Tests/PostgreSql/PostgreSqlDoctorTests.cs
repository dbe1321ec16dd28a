using MigrationHost.Databases;
using MigrationHost.Running;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.PostgreSql;

[Collection(PostgreSqlCluster.Collection)]
public sealed class PostgreSqlDoctorTests : IAsyncLifetime
{
    private readonly PostgreSqlTestDatabase _database;

    public PostgreSqlDoctorTests(PostgreSqlCluster cluster)
    {
        _database = new PostgreSqlTestDatabase(cluster);
        _database.Migration("1_create", "CREATE TABLE a (id integer);");
    }

    [Fact]
    public async Task Finds_nothing_in_a_healthy_database_and_leaves_nothing()
    {
        await using var host = _database.Host();
        Assert.Null(await host.MigrateAsync());

        var checks = await Doctor.ExamineAsync(host.Run, TimeProvider.System, default).ToListAsync();

        Assert.All(checks, check => Assert.True(check.Result == DoctorResult.Ok, check.ToString()));
        Assert.Contains(checks, check => check.Check == "server" && check.Message.Contains("PostgreSQL ", StringComparison.Ordinal));
        await _database.AssertReleasedAsync();
    }

    [Fact]
    public async Task Warns_of_what_earlier_work_has_left_behind_with_what_removes_it()
    {
        await using var host = _database.Host();
        Assert.Null(await host.MigrateAsync());
        await _database.QueryAsync("INSERT INTO a VALUES (1), (1)");
        await Assert.ThrowsAnyAsync<Exception>(() => _database.QueryAsync("CREATE UNIQUE INDEX CONCURRENTLY broken ON a (id)"));
        await _database.QueryAsync("BEGIN; INSERT INTO a VALUES (2); PREPARE TRANSACTION 'forgotten'");
        await using var idle = await _database.HoldFromOutsideAsync("SELECT count(*) FROM a;");
        await Eventually.BecomesTrueAsync(async () => await _database.QueryAsync($"SELECT state_change < clock_timestamp() - interval '4 s' FROM pg_stat_activity WHERE pid = {idle.Pid}") == "t");

        var checks = await Doctor.ExamineAsync(host.Run, TimeProvider.System, default).ToListAsync();

        Has(checks, "indexes", DoctorResult.Warning, "\"public\".\"broken\"", "drop index concurrently \"public\".\"broken\"");
        Has(checks, "prepared transactions", DoctorResult.Warning, "'forgotten' of postgres", "rollback prepared 'forgotten'");
        Has(checks, "idle transactions", DoctorResult.Warning, $"psql (pid {idle.Pid}, user postgres) for ", $"select pg_terminate_backend({idle.Pid})");
        await idle.ReleaseAsync();
        await _database.QueryAsync("ROLLBACK PREPARED 'forgotten'");
        await _database.QueryAsync("DROP INDEX broken");
    }

    [Fact]
    public async Task Tells_what_a_role_lacks()
    {
        var role = _database.CreateRole("CONNECTION LIMIT 3", owner: false);
        await _database.QueryAsync("REVOKE CREATE ON SCHEMA public FROM PUBLIC");
        await using var host = _database.HostWith(connection => connection.Username = role);

        var checks = await Doctor.ExamineAsync(host.Run, TimeProvider.System, default).ToListAsync();

        Has(checks, "permissions", DoctorResult.Problem, $"role {role} may not create tables in schema public", $"grant create, usage on schema \"public\" to \"{role}\"");
        Has(checks, "diagnosis", DoctorResult.Warning, "sees who blocks", $"grant pg_read_all_stats to \"{role}\"");
        Has(checks, "connections", DoctorResult.Warning, "limited by the role", "connection limit");
    }

    [Fact]
    public async Task Warns_of_who_holds_a_lock_with_the_remedy_of_the_one_that_has_to_move_first()
    {
        await using var host = _database.Host();
        Assert.Null(await host.MigrateAsync());
        await using var root = await _database.HoldFromOutsideAsync("SELECT count(*) FROM a;");
        await using var waiter = await _database.HoldFromOutsideAsync("", "LOCK TABLE a IN ACCESS EXCLUSIVE MODE;");
        await Eventually.BecomesTrueAsync(async () => await _database.QueryAsync("SELECT count(*) FROM pg_locks WHERE NOT granted") == "1");

        var checks = await Doctor.ExamineAsync(host.Run, TimeProvider.System, default).ToListAsync();

        Has(checks, "locks", DoctorResult.Warning, $"psql (pid {root.Pid}) holds AccessShareLock on a (idle in transaction", $"select pg_terminate_backend({root.Pid})");
        await root.ReleaseAsync();
        await waiter.ReleaseAsync();
    }

    [Fact]
    public async Task Sessions_that_are_hidden_are_not_called_none()
    {
        var role = _database.CreateRole("", owner: true);
        await using (var owner = _database.HostWith(connection => connection.Username = role))
            Assert.Null(await owner.MigrateAsync());
        await using var host = _database.HostWith(connection => connection.Username = role);
        await using var idle = await _database.HoldFromOutsideAsync("SELECT count(*) FROM a;");

        var checks = await Doctor.ExamineAsync(host.Run, TimeProvider.System, default).ToListAsync();

        Has(checks, "idle transactions", DoctorResult.Warning, $"other roles' sessions are hidden from role {role}: 1 session", $"grant pg_read_all_stats to \"{role}\"");
        Has(checks, "locks", DoctorResult.Warning, $"psql (pid {idle.Pid}) holds AccessShareLock on a", $"select pg_terminate_backend({idle.Pid})");
        await idle.ReleaseAsync();
    }

    [Fact]
    public async Task Tells_that_a_second_session_is_refused()
    {
        var role = _database.CreateRole("CONNECTION LIMIT 1", owner: true);
        await using var host = _database.HostWith(connection => connection.Username = role);

        Has(await Doctor.ExamineAsync(host.Run, TimeProvider.System, default).ToListAsync(), "sessions", DoctorResult.Problem, "too many connections for role", "two sessions");
    }

    [Fact]
    public async Task Tells_what_the_server_and_the_connection_string_set()
    {
        await _database.QueryAsync($"ALTER DATABASE {_database.Name} SET default_transaction_read_only = on; ALTER DATABASE {_database.Name} SET statement_timeout = '7s'");
        await using var host = _database.HostWith(connection => connection.MaxPoolSize = 3, ("Databases:app:ShowStatements", "false"));
        await using var pooled = _database.HostWith(connection => connection.Pooling = true);

        var checks = await Doctor.ExamineAsync(pooled.Run, TimeProvider.System, default).ToListAsync();

        Has(checks, "writable", DoctorResult.Warning, "default_transaction_read_only is on", "set default_transaction_read_only = off");
        Has(checks, "timeouts", DoctorResult.Ok, "statement_timeout = 7000 ms (database)", null);
        Has(checks, "connection string", DoctorResult.Warning, "Pooling in the connection string is not used", "Leave it out");
        Assert.DoesNotContain(await Doctor.ExamineAsync(host.Run, TimeProvider.System, default).ToListAsync(), check => check.Check == "connection string");
    }

    [Fact]
    public async Task Tells_why_a_server_cannot_be_asked()
    {
        await using var nobody = _database.HostWith(connection => connection.Port = PostgreSqlCluster.FreePort());
        await using var unknown = _database.HostWith(connection => connection.Database = "nowhere");

        Has(await Doctor.ExamineAsync(nobody.Run, TimeProvider.System, default).ToListAsync(), "server", DoctorResult.Problem, "cannot be reached", "Start the server");
        Has(await Doctor.ExamineAsync(unknown.Run, TimeProvider.System, default).ToListAsync(), "server", DoctorResult.Problem, "does not exist", "create database \"nowhere\" owner ");
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _database.DisposeAsync().AsTask();

    private static void Has(IReadOnlyList<DoctorCheck> checks, string name, DoctorResult result, string message, string? remedy)
    {
        var check = checks.Single(check => check.Check == name);
        Assert.Equal(result, check.Result);
        Assert.Contains(message, check.Message, StringComparison.Ordinal);
        if (remedy is not null)
            Assert.Contains(remedy, check.Remedy, StringComparison.Ordinal);
    }
}
