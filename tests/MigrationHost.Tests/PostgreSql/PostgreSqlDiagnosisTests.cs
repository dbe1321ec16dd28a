using System.Text.Json;
using MigrationHost.Commands;
using MigrationHost.Databases;
using MigrationHost.Databases.PostgreSql;
using MigrationHost.Layouts;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.PostgreSql;

/// <summary>Who blocks, and what to do about it, told apart by cause.</summary>
[Collection(PostgreSqlCluster.Collection)]
public sealed class PostgreSqlDiagnosisTests(PostgreSqlCluster cluster) : IAsyncLifetime
{
    private static readonly (string Key, string Value)[] Impatient = [("Timeouts:StallAfter", "00:00:00.200"), ("Timeouts:LockAttempt", "00:00:00.500")];

    private readonly PostgreSqlTestDatabase _database = new(cluster) { AllowExistingTables = true };

    [Fact]
    public async Task A_transaction_that_only_reads_is_named_with_how_long_it_has_been_idle_in_it()
    {
        await using var psql = await BlockedByAsync("SELECT count(*) FROM guarded;");
        await using var host = _database.Host(Impatient);
        var run = host.MigrateAsync();

        var blocker = await BlockerAsync(host, blocker => blocker.State?.StartsWith("idle in transaction for ", StringComparison.Ordinal) == true);

        Assert.Equal((psql.Pid, "psql", "AccessShareLock", "guarded", false), (blocker.Pid, blocker.Program, blocker.Holds, blocker.Resource, blocker.ThisProcess));
        Assert.Contains("user postgres from 127.0.0.1", blocker.State, StringComparison.Ordinal);
        Assert.Equal($"commit or roll back there, or: select pg_terminate_backend({psql.Pid})", blocker.Hint);
        var forMs = blocker.ForMs;
        await BlockerAsync(host, blocker => blocker.ForMs > forMs);

        await psql.ReleaseAsync();
        Assert.Null(await run);
        await _database.AssertReleasedAsync();
    }

    [Fact]
    public async Task A_chain_is_followed_to_the_one_who_waits_for_nobody()
    {
        await PrepareAsync();
        await _database.QueryAsync("CREATE TABLE b (id integer); INSERT INTO b VALUES (1); CREATE TABLE c (id integer); INSERT INTO c VALUES (1)");
        await using var root = await _database.HoldFromOutsideAsync("UPDATE c SET id = 2;");
        await using var middle = await _database.HoldFromOutsideAsync("UPDATE b SET id = 2;", "UPDATE c SET id = 3;");
        await using var first = await _database.HoldFromOutsideAsync("SELECT count(*) FROM guarded;", "UPDATE b SET id = 3;");
        await Eventually.BecomesTrueAsync(async () => await _database.QueryAsync($"SELECT count(*) FROM pg_locks WHERE NOT granted AND pid IN ({first.Pid}, {middle.Pid})") == "2");
        await using var host = _database.Host(Impatient);
        var run = host.MigrateAsync();

        var blockers = (await host.StatusAsync(status => status is { Blocked: true, Blockers.Count: 2 })).Blockers;
        Assert.Equal([root.Pid, first.Pid], blockers.Select(blocker => blocker.Pid ?? 0));
        Assert.Equal("a row of c", blockers[0].Resource);
        Assert.StartsWith("idle in transaction", blockers[0].State, StringComparison.Ordinal);
        Assert.Equal(("AccessShareLock", "guarded"), (blockers[1].Holds, blockers[1].Resource));
        Assert.Contains($"it waits itself, for psql (pid {middle.Pid}): free that first", blockers[1].Hint, StringComparison.Ordinal);

        var report = (await host.DiagnoseAsync()).Report;
        Assert.Equal([middle.Pid], Waiter(report, first.Pid).BlockedBy);
        Assert.Equal([root.Pid], Waiter(report, middle.Pid).BlockedBy);
        Assert.True(Waiter(report, middle.Pid).ForMs > 0);

        // A backend finds out that its client is gone when it waits for no lock any more.
        await root.ReleaseAsync();
        await middle.ReleaseAsync();
        await first.ReleaseAsync();
        Assert.Null(await run);
    }

    [Fact]
    public async Task A_prepared_transaction_has_no_pid_and_is_named_with_what_ends_it()
    {
        await PrepareAsync();
        await _database.QueryAsync("BEGIN; LOCK TABLE guarded IN ROW EXCLUSIVE MODE; PREPARE TRANSACTION 'it''s left over'");
        await using var host = _database.Host(Impatient);
        var run = host.MigrateAsync();

        var blocker = await BlockerAsync(host, _ => true);

        Assert.Equal((null, "prepared transaction", "RowExclusiveLock", "guarded"), (blocker.Pid, blocker.Program, blocker.Holds, blocker.Resource));
        Assert.Contains("rollback prepared 'it''s left over'", blocker.Hint, StringComparison.Ordinal);
        Assert.Contains("user postgres", blocker.State, StringComparison.Ordinal);
        await _database.QueryAsync("ROLLBACK PREPARED 'it''s left over'");
        Assert.Null(await run);
    }

    [Fact]
    public async Task An_idle_session_that_keeps_an_advisory_lock_is_named()
    {
        await using var psql = await BlockedByAsync("SELECT pg_advisory_lock(42);\nCOMMIT;", "SELECT pg_advisory_xact_lock(42);");
        await using var host = _database.Host(Impatient);
        var run = host.MigrateAsync();

        var blocker = await BlockerAsync(host, _ => true);

        Assert.Equal((psql.Pid, "advisory lock 42"), (blocker.Pid, blocker.Resource));
        Assert.Contains("pg_advisory_unlock", blocker.Hint, StringComparison.Ordinal);
        await psql.ReleaseAsync();
        Assert.Null(await run);
    }

    [Fact]
    public async Task A_long_statement_is_to_be_cancelled_and_a_backup_to_be_let_finish()
    {
        await using var busy = await BlockedByAsync("SELECT count(*) FROM guarded;", next: "SELECT pg_sleep(100000);");
        await _database.QueryAsync("INSERT INTO guarded SELECT * FROM generate_series(1, 3000000)");
        await using var backup = await _database.HoldByBackupAsync("guarded");
        await using var host = _database.Host(Impatient);
        var run = host.MigrateAsync();

        await Eventually.BecomesTrueAsync(() => host.Status.Blockers.Count == 2, () => host.Status.ToString());
        var byPid = host.Status.Blockers.ToDictionary(blocker => blocker.Pid ?? 0);
        Assert.Contains($"select pg_cancel_backend({busy.Pid})", byPid[busy.Pid].Hint, StringComparison.Ordinal);
        Assert.StartsWith("its statement has run", byPid[busy.Pid].State, StringComparison.Ordinal);
        Assert.Equal("pg_dump", byPid[backup.Pid].Program);
        Assert.StartsWith("a backup: let it finish", byPid[backup.Pid].Hint, StringComparison.Ordinal);
        Assert.Contains("waits for its client", byPid[backup.Pid].State, StringComparison.Ordinal);

        await busy.ReleaseAsync();
        await _database.QueryAsync($"SELECT pg_terminate_backend({busy.Pid})");
        await backup.ReleaseAsync();
        Assert.Null(await run);
    }

    [Fact]
    public async Task Another_instance_that_has_the_turn_is_told_apart_and_named_once()
    {
        await PrepareAsync("SELECT pg_sleep(100000);");
        await using var other = MigrationHostProgram.Start(_database.Folder.Path, ["migrate", .. _database.Arguments()]);
        var pid = "";
        await Eventually.BecomesTrueAsync(async () => (pid = await _database.QueryAsync("SELECT pid FROM pg_stat_activity WHERE query LIKE '%pg_sleep(100000)%' AND state = 'active' AND application_name <> 'psql'")).Length > 0, () => other.All);
        await using var host = _database.Host(Impatient);
        using var stop = new CancellationTokenSource();
        var run = host.MigrateAsync(stop.Token);

        var blocker = Assert.Single((await host.StatusAsync(status => status.Blocked)).Blockers);
        Assert.Equal((pid, "TURN"), ($"{blocker.Pid}", blocker.Holds));
        Assert.StartsWith("migrationhost", blocker.Program, StringComparison.Ordinal);
        Assert.StartsWith("another MigrationHost instance has the turn", blocker.Hint, StringComparison.Ordinal);
        await stop.CancelAsync();
        Assert.Equal(MigrationErrorCode.Interrupted, (await run)?.Code);
    }

    [Fact]
    public async Task The_one_statement_that_is_named_frees_the_turn_of_an_instance_that_was_stopped()
    {
        await PrepareAsync("SELECT pg_sleep(100000) FROM sleepy;");
        await _database.QueryAsync("CREATE TABLE sleepy (id integer); INSERT INTO sleepy VALUES (1)");
        await using var stuck = MigrationHostProgram.Start(_database.Folder.Path, ["migrate", .. _database.Arguments()]);
        await Eventually.BecomesTrueAsync(async () => await _database.QueryAsync("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(100000)%' AND state = 'active' AND application_name <> 'psql'") == "1", () => stuck.All);
        stuck.Stop();
        await using var host = _database.Host(Impatient);
        var run = host.MigrateAsync();
        var blocker = await BlockerAsync(host, blocker => blocker.Holds == "TURN");

        await _database.QueryAsync("DELETE FROM sleepy");
        await _database.QueryAsync(blocker.Hint!.Split("for example stopped: ")[1]);

        Assert.Null(await run);
        stuck.Continue();
        stuck.KillNow();
        await stuck.ExitAsync();
    }

    [Fact]
    public async Task An_instance_that_waits_for_a_prepared_transaction_is_below_it_and_is_not_to_be_ended()
    {
        await PrepareAsync();
        await _database.QueryAsync("BEGIN; LOCK TABLE guarded IN ACCESS EXCLUSIVE MODE; SELECT * FROM guarded; PREPARE TRANSACTION 'forgotten'");
        await using var instance = MigrationHostProgram.Start(_database.Folder.Path, ["migrate", .. _database.Arguments(("Timeouts:LockAttempt", "00:01:00"))]);
        await WaitsAsync("AccessExclusiveLock", instance);
        await using var host = _database.Host();

        var report = (await host.DiagnoseAsync()).Report;
        string[] lines = [.. LockText.Of(report, new Paint(false)).Skip(1)];

        Assert.Equal("prepared transaction", report.Holders[0].Program);
        Assert.StartsWith("  prepared transaction holds ", lines[0], StringComparison.Ordinal);
        Assert.Single(lines, line => line.Contains(" waits for AccessExclusiveLock on guarded", StringComparison.Ordinal));
        Assert.Equal("    remedy: nobody holds it any more, and no restart ends it: commit prepared 'forgotten' or rollback prepared 'forgotten', in this database", lines[^1]);
        Assert.Equal("it waits itself, for prepared transaction 'forgotten': free that first", report.Holders[1].Hint);
        await _database.QueryAsync("ROLLBACK PREPARED 'forgotten'");
        Assert.True(await instance.ExitAsync() == 0, instance.All);
    }

    [Fact]
    public async Task An_instance_between_two_attempts_comes_behind_those_that_hold_locks()
    {
        await using var psql = await BlockedByAsync("SELECT count(*) FROM guarded;");
        await using var instance = MigrationHostProgram.Start(_database.Folder.Path, ["migrate", .. _database.Arguments(("Timeouts:LockAttempt", "00:00:00.100"))]);
        await using var host = _database.Host();

        // In an attempt, while nothing is refused yet, it comes first.
        await Eventually.GivesAsync(
            async () => (LockReport?)(await host.DiagnoseAsync()).Report,
            report => report is { Holders: [var first, { Holds: "TURN" }], Waiters.Count: 0 } && first.Pid == psql.Pid);

        await psql.ReleaseAsync();
        Assert.True(await instance.ExitAsync() == 0, instance.All);
    }

    [Fact]
    public async Task Whoever_has_the_turns_lock_without_being_an_instance_is_not_said_to_migrate()
    {
        await PrepareAsync();
        var key = PostgreSqlSide.Key(new PostgreSqlHistory(OwnHistory.Form, "public"));
        await using var psql = await _database.HoldFromOutsideAsync($"SELECT pg_advisory_xact_lock({key + 1});");
        await using var host = _database.Host(Impatient);
        var run = host.MigrateAsync();

        var status = await host.StatusAsync(status => status.Blocked);

        Assert.Equal($"the turn of psql (pid {psql.Pid}) from 127.0.0.1 to end (it has the turn's advisory lock)", status.WaitingFor?.What);
        await psql.ReleaseAsync();
        Assert.Null(await run);
    }

    [Fact]
    public async Task Who_waits_behind_our_migration_is_told_and_our_own_sessions_are_no_holders()
    {
        await PrepareAsync("ALTER TABLE guarded ADD COLUMN text text; SELECT pg_sleep(100000);");
        await using var host = _database.Host();
        using var stop = new CancellationTokenSource();
        var run = host.MigrateAsync(stop.Token);
        await Eventually.BecomesTrueAsync(() => host.Status.Running is { Statement: 2 }, () => host.Status.ToString());
        var own = await _database.QueryAsync("SELECT pid FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation = 'guarded'::regclass");
        await using var reader = await _database.HoldFromOutsideAsync("", "SELECT count(*) FROM guarded;");

        LockDiagnosis? diagnosis = null;
        await Eventually.BecomesTrueAsync(async () => (diagnosis = await host.DiagnoseAsync()).Report.Waiters.Count > 0, () => $"{diagnosis}");

        var waiter = Assert.Single(diagnosis!.Report.Waiters);
        Assert.Equal((reader.Pid, "psql", "AccessShareLock on guarded"), (waiter.Pid, waiter.Program, waiter.WaitsFor));
        Assert.Equal(own, string.Join(',', waiter.BlockedBy));
        Assert.Empty(diagnosis.Report.Holders);
        Assert.Empty(diagnosis.Blockers);
        Assert.True(diagnosis.Report.Complete);
        await stop.CancelAsync();
        await run;
    }

    [Fact]
    public async Task With_few_permissions_it_names_who_and_says_what_to_grant()
    {
        var role = _database.CreateRole("", owner: true);
        await PrepareAsync(role: role);
        await using var psql = await _database.HoldFromOutsideAsync("SELECT count(*) FROM guarded;");
        await using var host = _database.HostWith(connection => connection.Username = role, Impatient);
        var run = host.MigrateAsync();

        var blocker = await BlockerAsync(host, _ => true);
        var report = (await host.DiagnoseAsync()).Report;

        Assert.Equal((psql.Pid, "psql", "AccessShareLock", "guarded"), (blocker.Pid, blocker.Program, blocker.Holds, blocker.Resource));
        Assert.False(report.Complete);
        Assert.Contains($"grant pg_read_all_stats to \"{role}\"", report.Note, StringComparison.Ordinal);
        Assert.Contains(report.Holders, holder => holder.Pid == psql.Pid);
        await psql.ReleaseAsync();
        Assert.Null(await run);
    }

    [Fact]
    public async Task With_all_connections_used_up_it_asks_at_the_side_of_the_run()
    {
        var role = _database.CreateRole("CONNECTION LIMIT 2", owner: true);
        await PrepareAsync(role: role);
        await _database.QueryAsync($"GRANT pg_read_all_stats TO {role}");
        await using var psql = await _database.HoldFromOutsideAsync("SELECT count(*) FROM guarded;");
        await using var host = _database.HostWith(connection => connection.Username = role, Impatient);
        var run = host.MigrateAsync();

        var blocker = await BlockerAsync(host, _ => true);
        var report = (await host.DiagnoseAsync()).Report;

        Assert.Equal("2", await _database.QueryAsync($"SELECT count(*) FROM pg_stat_activity WHERE usename = '{role}'"));
        Assert.Equal(psql.Pid, blocker.Pid);
        Assert.True(report.Complete, report.Note);
        await psql.ReleaseAsync();
        Assert.Null(await run);
    }

    [Fact]
    public async Task Where_nothing_can_be_asked_it_is_incomplete_and_says_why()
    {
        var role = _database.CreateRole("CONNECTION LIMIT 0", owner: true);
        await using var host = _database.HostWith(connection => connection.Username = role);

        var (report, blockers) = await host.Run.Diagnostician.TakeAsync(TimeSpan.Zero);

        Assert.False(report.Complete);
        Assert.Contains("too many connections for role", report.Note, StringComparison.Ordinal);
        Assert.Empty(blockers);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Another_sessions_sql_is_shown_only_where_that_is_asked_for(bool shown)
    {
        await using var psql = await BlockedByAsync("SELECT count(*) AS classified FROM guarded;", next: "SELECT pg_sleep(100000) AS classified;");
        await using var host = _database.Host([.. Impatient, ("Databases:app:ShowStatements", $"{shown}")]);
        using var stop = new CancellationTokenSource();
        var run = host.MigrateAsync(stop.Token);

        var blocker = await BlockerAsync(host, blocker => blocker.State!.StartsWith("its statement", StringComparison.Ordinal));
        var told = JsonSerializer.Serialize(host.Status) + JsonSerializer.Serialize((await host.DiagnoseAsync()).Report) + string.Join('\n', host.Log.All);

        Assert.Equal(shown ? "SELECT pg_sleep(100000) AS classified;" : null, blocker.Statement);
        Assert.Equal(shown, told.Contains("classified", StringComparison.Ordinal));
        await stop.CancelAsync();
        await run;
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _database.DisposeAsync().AsTask();

    /// <summary>The table <c>guarded</c> by a first migration, and a second one to be applied.</summary>
    private async Task PrepareAsync(string pending = "ALTER TABLE guarded ADD COLUMN text text;", string? role = null)
    {
        _database.Migration("1_create", "CREATE TABLE guarded (id integer);");
        await using (var host = _database.HostWith(connection => connection.Username = role ?? connection.Username))
            Assert.Null(await host.MigrateAsync());
        _database.Migration("2_pending", pending);
    }

    private async Task<LockHolder> BlockedByAsync(string sql, string pending = "ALTER TABLE guarded ADD COLUMN text text;", string? next = null)
    {
        await PrepareAsync(pending);
        return await _database.HoldFromOutsideAsync(sql, next);
    }

    private static async Task<Blocker> BlockerAsync(TestHost host, Func<Blocker, bool> condition)
    {
        Blocker? found = null;
        await Eventually.BecomesTrueAsync(
            () => host.Status is { Blocked: true, Blockers: [var first, ..] } && condition(found = first),
            () => $"{host.Status}\n{found}\n{string.Join('\n', host.Log.All)}");
        return found!;
    }

    private Task WaitsAsync(string mode, RunningProgram program) => Eventually.BecomesTrueAsync(
        async () => await _database.QueryAsync($"SELECT count(*) FROM pg_locks WHERE NOT granted AND mode = '{mode}'") == "1", () => program.All);

    private static LockWaiter Waiter(LockReport report, int pid) => report.Waiters.Single(waiter => waiter.Pid == pid);
}
