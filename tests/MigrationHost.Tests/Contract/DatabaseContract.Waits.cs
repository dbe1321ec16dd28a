using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Contract;

/// <summary>Blocked, endless and stopped runs.</summary>
public abstract partial class DatabaseContract
{
    [Fact]
    public async Task Blocked_by_another_process_it_names_the_holder_and_goes_on_once_released()
    {
        await using var database = await WithPendingAsync("INSERT INTO guarded VALUES (1);");
        await using var holder = await database.HoldFromOutsideAsync();
        await using var host = database.Host(("Timeouts:StallAfter", "00:00:00.200"));
        var run = host.MigrateAsync();

        var status = await BlockedAsync(host);
        var blocker = status.Blockers.First(blocker => blocker.Pid == holder.Pid);
        Assert.Equal((holder.Program, false), (blocker.Program, blocker.ThisProcess));
        Assert.NotNull(status.WaitingFor);
        Assert.NotNull(status.DiagnosedAt);
        Assert.Equal("2", status.Running?.Version);

        await holder.ReleaseAsync();
        Assert.Null(await run);
        Assert.False(host.Status.Blocked);
        Assert.Empty(host.Status.Blockers);
        Assert.Equal("1", await database.QueryAsync("SELECT count(*) FROM guarded"));
        Assert.Contains(host.Log.All, line => line.Contains($"(pid {holder.Pid})", StringComparison.Ordinal));
        await database.AssertReleasedAsync();
    }

    [Fact]
    public async Task Blocked_by_another_connection_of_this_process_it_says_so()
    {
        await using var database = await WithPendingAsync("INSERT INTO guarded VALUES (1);");
        await using var holder = await database.HoldFromInsideAsync();
        await using var host = database.Host(("Timeouts:StallAfter", "00:00:00.200"));
        var run = host.MigrateAsync();

        var status = await BlockedAsync(host);
        var blocker = status.Blockers[0];
        Assert.Equal((holder.Pid, true), (blocker.Pid, blocker.ThisProcess));
        Assert.Contains("this process holds it: a connection opened elsewhere in the application has an open transaction", blocker.Hint, StringComparison.Ordinal);

        await holder.ReleaseAsync();
        Assert.Null(await run);
        await database.AssertReleasedAsync();
    }

    [Fact]
    public async Task Blocked_for_too_long_it_fails_within_its_limit_and_the_message_names_the_holder()
    {
        await using var database = await WithPendingAsync("INSERT INTO guarded VALUES (1);");
        await using var holder = await database.HoldFromOutsideAsync();
        await using var host = database.Host(("Timeouts:Lock", "00:00:03"), ("Timeouts:LockAttempt", "00:00:00.500"), ("Timeouts:StallAfter", "00:00:00.200"));

        var error = await host.MigrateAsync();

        Assert.Equal((MigrationErrorCode.Blocked, 5, true), (error?.Code, error?.ExitCode, error?.Transient));
        Assert.Contains($"(pid {holder.Pid})", error!.Message, StringComparison.Ordinal);
        Assert.Equal((MigrationPhase.Failed, false), (host.Status.Phase, host.Status.Blocked));
        Assert.Contains(host.Status.Blockers, blocker => blocker.Pid == holder.Pid);
        await holder.ReleaseAsync();
        Assert.Equal("0", await database.QueryAsync("SELECT count(*) FROM guarded"));
        await database.AssertReleasedAsync();
    }

    [Fact]
    public async Task A_blocked_start_heals_by_itself_when_it_is_tried_again()
    {
        await using var database = await WithPendingAsync("INSERT INTO guarded VALUES (1);");
        await using var holder = await database.HoldFromOutsideAsync();
        await using var host = database.Host(("Timeouts:Lock", "00:00:00.300"), ("Timeouts:StallAfter", "00:00:00.100"));
        var run = host.Run.MigrateAsync(TimeSpan.FromMilliseconds(200), null, default);

        await Eventually.BecomesTrueAsync(() => host.Status is { Phase: MigrationPhase.Failed, NextAttemptAt: not null }, () => host.Status.ToString());
        await holder.ReleaseAsync();
        Assert.Null(await run);
        Assert.True(host.Status.Attempt > 1);
    }

    [Fact]
    public async Task Sql_that_never_ends_is_cancelled_at_its_deadline_and_leaves_nothing()
    {
        await using var database = await WithPendingAsync($"INSERT INTO guarded VALUES (1);\n{""}\n", endless: true);
        await using var host = database.Host(("Timeouts:Migration", "00:00:00.500"), ("Timeouts:StallAfter", "00:00:00.100"));

        var error = await host.MigrateAsync();

        Assert.Equal((MigrationErrorCode.DeadlineExceeded, 6, "2", false), (error?.Code, error?.ExitCode, error?.Version, error?.Transient));
        Assert.Contains("migrations/2_pending.sql:", error!.Message, StringComparison.Ordinal);
        Assert.Equal(MigrationPhase.Failed, host.Status.Phase);
        Assert.Equal("0", await database.QueryAsync("SELECT count(*) FROM guarded"));
        Assert.Equal("1", await database.HistoryAsync());
        await database.AssertReleasedAsync();
    }

    [Fact]
    public async Task A_script_may_set_its_own_limit()
    {
        await using var database = await WithPendingAsync("INSERT INTO guarded VALUES (1);", endless: true, header: "-- migrationhost: timeout=00:00:00.300\n");
        await using var host = database.Host();

        Assert.Equal(MigrationErrorCode.DeadlineExceeded, (await host.MigrateAsync())?.Code);
    }

    [Fact]
    public async Task Told_to_stop_it_rolls_back_what_runs()
    {
        await using var database = await WithPendingAsync("INSERT INTO guarded VALUES (1);", endless: true);
        await using var host = database.Host();
        using var stop = new CancellationTokenSource();
        var run = host.MigrateAsync(stop.Token);
        await Eventually.BecomesTrueAsync(() => host.Status.Running is { Statement: 2 }, () => host.Status.ToString());

        await stop.CancelAsync();
        var error = await run;

        Assert.Equal((MigrationErrorCode.Interrupted, MigrationPhase.Stopped), (error?.Code, host.Status.Phase));
        Assert.Equal("0", await database.QueryAsync("SELECT count(*) FROM guarded"));
        Assert.Equal("1", await database.HistoryAsync());
        await database.AssertReleasedAsync();
    }

    [Fact]
    public async Task Told_to_stop_it_ends_a_wait_at_once()
    {
        await using var database = await WithPendingAsync("INSERT INTO guarded VALUES (1);");
        await using var holder = await database.HoldFromOutsideAsync();
        await using var host = database.Host();
        using var stop = new CancellationTokenSource();
        var run = host.MigrateAsync(stop.Token);
        await Eventually.BecomesTrueAsync(() => host.Status.WaitingFor is not null, () => host.Status.ToString());

        await stop.CancelAsync();

        Assert.Equal(MigrationErrorCode.Interrupted, (await run)?.Code);
    }

    [Fact]
    public async Task Slow_but_healthy_work_shows_its_activity_and_is_never_called_blocked()
    {
        await using var database = await WithPendingAsync("");
        database.Migration("3_slow", database.Slow);
        await using var host = database.Host(("Timeouts:StallAfter", "00:00:00.100"));
        var blocked = false;
        host.Run.State.Changed += () => blocked |= host.Run.State.Read().Blocked;
        var run = host.MigrateAsync();

        await Eventually.BecomesTrueAsync(() => host.Status.WaitingFor is { Activity: not "waiting" } || run.IsCompleted, () => host.Status.ToString());
        Assert.False(run.IsCompleted, "the slow migration was too fast for this test");
        Assert.Null(await run);
        Assert.False(blocked);
    }

    /// <summary>A database with the table <c>guarded</c> and one more migration, number 2, to be applied.</summary>
    private async Task<TestDatabase> WithPendingAsync(string pending, bool endless = false, string header = "")
    {
        var database = CreateDatabase();
        database.Migration("1_create", "CREATE TABLE guarded (id INTEGER);");
        await using (var host = database.Host())
            Assert.Null(await host.MigrateAsync());
        if (pending.Length > 0)
            database.Migration("2_pending", $"{header}{pending}\n{(endless ? database.Endless : "")}");
        return database;
    }

    private static async Task<DatabaseStatus> BlockedAsync(TestHost host)
    {
        DatabaseStatus? status = null;
        await Eventually.BecomesTrueAsync(() => (status = host.Status) is { Blocked: true, Blockers.Count: > 0 }, () => $"{status}\n{string.Join('\n', host.Log.All)}");
        return status!;
    }
}
