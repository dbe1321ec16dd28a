using System.Globalization;
using System.Runtime.InteropServices;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Contract;

/// <summary>Scripts without a transaction, killed processes, many processes at once.</summary>
public abstract partial class DatabaseContract
{
    [Fact]
    public async Task A_temporary_table_that_ended_with_its_session_is_never_taken_for_the_table_that_it_hid()
    {
        await using var database = CreateDatabase();
        database.Migration("1_create", "CREATE TABLE kept (id INTEGER);");
        const string begun = "-- migrationhost: transaction=none\nCREATE TEMPORARY TABLE kept (id INTEGER);\nINSERT INTO kept VALUES (1);\n";
        var script = database.Migration("2_work", $"{begun}INSERT INTO nowhere VALUES (1);\n");
        await using (var host = database.Host())
            Assert.Equal(MigrationErrorCode.MigrationFailed, (await host.MigrateAsync())?.Code);

        File.WriteAllText(script, $"{begun}CREATE TABLE other (id INTEGER);\nINSERT INTO kept VALUES (2);\n");
        await using (var host = database.Host())
        {
            var error = await host.MigrateAsync();
            Assert.Equal((MigrationErrorCode.MigrationFailed, 5), (error?.Code, error?.Line));
            Assert.Contains("names kept, the temporary table that statement 1 had made", error!.Message, StringComparison.Ordinal);
        }
        Assert.Equal("0", await database.QueryAsync("SELECT count(*) FROM kept"));

        File.WriteAllText(script, $"{begun}CREATE TEMPORARY TABLE again (id INTEGER);\nINSERT INTO again VALUES (2);\n");
        await using (var host = database.Host())
            Assert.Null(await host.MigrateAsync());
    }

    [Fact]
    public async Task Without_a_transaction_a_repaired_script_goes_on_where_it_broke()
    {
        await using var database = CreateDatabase();
        var script = database.Migration("1_create", $"-- migrationhost: transaction=none\nCREATE TABLE a (id INTEGER);\nINSERT INTO a VALUES (1);\n{database.OutsideTransaction}\nINSERT INTO nowhere VALUES (1);\nINSERT INTO a VALUES (2);\n");
        await using (var host = database.Host())
        {
            var error = await host.MigrateAsync();
            Assert.Equal((MigrationErrorCode.MigrationFailed, 5), (error?.Code, error?.Line));
            Assert.Contains("resolve 1", error!.Hint, StringComparison.Ordinal);
            Assert.Contains("continues with statement 4", error.Hint, StringComparison.Ordinal);
        }
        Assert.Equal("started|3", await database.QueryAsync("SELECT state, statements_done FROM migrationhost_history"));
        await database.AssertReleasedAsync();

        File.WriteAllText(script, File.ReadAllText(script).Replace("nowhere", "a", StringComparison.Ordinal).Replace("none", "none timeout=00:10:00", StringComparison.Ordinal));
        await using var repaired = database.Host();
        Assert.Null(await repaired.MigrateAsync());
        Assert.Equal("1\n1\n2", await database.QueryAsync("SELECT id FROM a ORDER BY id"));
        Assert.Equal("applied", await database.QueryAsync("SELECT state FROM migrationhost_history"));
        await using var again = database.Host();
        Assert.Null(await again.MigrateAsync());
    }

    [Fact]
    public async Task A_script_that_was_begun_statement_by_statement_goes_on_so_when_its_header_is_gone()
    {
        await using var database = CreateDatabase();
        var script = database.Migration("1_create", "-- migrationhost: transaction=none\nCREATE TABLE a (id INTEGER);\nINSERT INTO a VALUES (1);\nINSERT INTO nowhere VALUES (1);\n");
        await using (var host = database.Host())
            Assert.NotNull(await host.MigrateAsync());

        File.WriteAllText(script, "CREATE TABLE a (id INTEGER);\nINSERT INTO a VALUES (1);\nINSERT INTO a VALUES (2);\n");
        await using var repaired = database.Host();
        Assert.Null(await repaired.MigrateAsync());
        Assert.Equal("1\n2", await database.QueryAsync("SELECT id FROM a ORDER BY id"));
    }

    [Fact]
    public async Task Without_a_transaction_statements_that_are_done_may_not_be_changed()
    {
        await using var database = CreateDatabase();
        var script = database.Migration("1_create", "-- migrationhost: transaction=none\nCREATE TABLE a (id INTEGER);\nINSERT INTO nowhere VALUES (1);\n");
        await using (var host = database.Host())
            Assert.NotNull(await host.MigrateAsync());

        File.WriteAllText(script, "-- migrationhost: transaction=none\nCREATE TABLE b (id INTEGER);\nINSERT INTO b VALUES (1);\n");
        await using var changed = database.Host();
        var error = await changed.MigrateAsync();
        Assert.Equal(MigrationErrorCode.MigrationFailed, error?.Code);
        Assert.Contains("was interrupted after 1 statement, and what was run is no longer there as it was", error!.Message, StringComparison.Ordinal);
        Assert.Contains("resolve 1 --retry", error.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Resolve_settles_what_broke_outside_a_transaction(bool applied)
    {
        await using var database = CreateDatabase();
        var script = database.Migration("1_create", "-- migrationhost: transaction=none\nCREATE TABLE a (id INTEGER);\nINSERT INTO nowhere VALUES (1);\n");
        await using (var host = database.Host())
            Assert.NotNull(await host.MigrateAsync());
        File.WriteAllText(script, "-- migrationhost: transaction=none\nCREATE TABLE b (id INTEGER);\n");

        await using (var resolving = database.Host())
            Assert.Null(await resolving.Run.ResolveAsync("1", applied, default));
        await database.AssertReleasedAsync();
        await using (var host = database.Host())
            Assert.Null(await host.MigrateAsync());

        var tables = await database.QueryAsync($"SELECT count(*) FROM {(applied ? "a" : "b")}");
        Assert.Equal("0", tables);
        Assert.Equal("applied", await database.QueryAsync("SELECT state FROM migrationhost_history"));
    }

    [Fact]
    public async Task Resolve_refuses_what_is_not_broken()
    {
        await using var database = await WithPendingAsync("INSERT INTO guarded VALUES (1);");
        await using var host = database.Host();

        var applied = await host.Run.ResolveAsync("1", true, default);
        var pending = await host.Run.ResolveAsync("2", true, default);

        Assert.Equal((MigrationErrorCode.InvalidConfiguration, MigrationErrorCode.InvalidConfiguration), (applied?.Code, pending?.Code));
        Assert.Contains("was applied on", applied!.Message, StringComparison.Ordinal);
        Assert.Contains("was never begun", pending!.Message, StringComparison.Ordinal);
        Assert.Equal("1", await database.HistoryAsync());
    }

    [Fact]
    [Trait(Torture.Trait, Torture.Category)]
    public async Task Killed_at_any_moment_the_next_start_continues_and_nothing_is_applied_twice()
    {
        const int migrations = 20;
        await using var database = CreateDatabase();
        database.Migration("1_create", "CREATE TABLE a (id INTEGER, part INTEGER);");
        for (var i = 2; i <= migrations; i++)
        {
            var header = i % 5 == 0 ? "-- migrationhost: transaction=none\n" : "";
            database.Migration($"{i}_insert", $"{header}INSERT INTO a VALUES ({i}, 1);\nINSERT INTO a VALUES ({i}, 2);\nCREATE TABLE t{i} (id INTEGER);");
        }

        // The moment of the kill differs with every round: after so many lines, and so many milliseconds.
        for (var round = 0; round < Torture.Rounds(8); round++)
        {
            await using var program = MigrationHostProgram.Start(database.Folder.Path, ["migrate", .. database.Arguments()]);
            var chance = Torture.Chance(round);
            var lines = chance.Next(4);
            await Eventually.BecomesTrueAsync(() => program.HasExited || program.Output.Split("applied ").Length > lines, () => program.All);
            using var moment = new PeriodicTimer(TimeSpan.FromMilliseconds(chance.Next(1, 25)));
            await moment.WaitForNextTickAsync();
            program.KillNow();
            await program.ExitAsync();
        }

        var (code, output, errors) = await MigrationHostProgram.RunAsync(database.Folder.Path, ["migrate", .. database.Arguments()]);
        Assert.True(code == 0, output + errors);
        Assert.Equal(string.Join('\n', Enumerable.Range(1, migrations)), await database.HistoryAsync());
        Assert.Equal(((migrations - 1) * 2).ToString(CultureInfo.InvariantCulture), await database.QueryAsync("SELECT count(*) FROM a"));
        Assert.Equal("0", await database.QueryAsync("SELECT count(*) FROM (SELECT id, part FROM a GROUP BY id, part HAVING count(*) > 1) AS twice"));
        await database.AssertReleasedAsync();
    }

    [Fact]
    public async Task Killed_in_the_middle_of_a_migration_everybody_goes_on_at_once()
    {
        await using var database = await WithPendingAsync("INSERT INTO guarded VALUES (1);", endless: true);
        await using (var program = await ServingProgram.StartAsync(database.Folder.Path, database.Arguments()))
        {
            await program.DatabaseAsync(status => status.GetProperty("running") is { ValueKind: System.Text.Json.JsonValueKind.Object } running && running.GetProperty("statement").GetInt32() == 2);
            program.Program.KillNow();
            await program.Program.ExitAsync();
        }

        database.Migration("2_pending", "INSERT INTO guarded VALUES (2);");
        await using var host = database.Host();
        Assert.Null(await host.MigrateAsync());
        Assert.Equal("2", await database.QueryAsync("SELECT id FROM guarded"));
        await database.AssertReleasedAsync();
    }

    [Theory]
    [InlineData(PosixSignal.SIGTERM, 143)]
    [InlineData(PosixSignal.SIGINT, 130)]
    public async Task A_signal_in_the_middle_of_a_migration_rolls_it_back_and_ends_with_its_code(PosixSignal signal, int expected)
    {
        await using var database = await WithPendingAsync("INSERT INTO guarded VALUES (1);", endless: true);
        await using var serving = await ServingProgram.StartAsync(database.Folder.Path, database.Arguments());
        await using var migrating = MigrationHostProgram.Start(database.Folder.Path, ["migrate", .. database.Arguments(("Timeouts:StallAfter", "00:00:00.100"))]);
        await serving.DatabaseAsync(status => status.GetProperty("phase").GetString() is "Migrating" or "WaitingForTurn");

        serving.Program.Signal(signal);
        Assert.Equal(expected, await serving.Program.ExitAsync());
        await Eventually.BecomesTrueAsync(async () => (await MigrationHostProgram.RunAsync(database.Folder.Path, ["locks", .. database.Arguments()])).Code == 11, () => migrating.All);
        migrating.Signal(signal);
        Assert.Equal(expected, await migrating.ExitAsync());

        Assert.Equal("0", await database.QueryAsync("SELECT count(*) FROM guarded"));
        await database.AssertReleasedAsync();
    }

    [Fact]
    public async Task Eight_processes_at_once_apply_each_migration_once_and_all_succeed()
    {
        await using var database = CreateDatabase();
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        for (var i = 2; i <= 20; i++)
            database.Migration($"{i}_insert", $"INSERT INTO a VALUES ({i});");

        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => MigrationHostProgram.RunAsync(database.Folder.Path, ["migrate", .. database.Arguments()])));

        Assert.All(results, result => Assert.True(result.Code == 0, result.Output + result.Errors));
        Assert.Equal(string.Join('\n', Enumerable.Range(2, 19)), await database.QueryAsync("SELECT id FROM a ORDER BY id"));
        Assert.Equal("20", await database.QueryAsync("SELECT count(*) FROM migrationhost_history"));
        await database.AssertReleasedAsync();
    }

    [Fact]
    public async Task Waiting_for_another_instance_that_makes_progress_is_not_blocked()
    {
        await using var database = await WithPendingAsync("");
        database.Migration("2_long", string.Concat(Enumerable.Repeat("WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 1000000) SELECT max(x) FROM n;\n", 1000)));
        await using var first = database.Host();
        await using var second = database.Host(("Timeouts:Turn", "00:00:20"), ("Timeouts:StallAfter", "00:00:15"));
        using var stop = new CancellationTokenSource();
        var blocked = false;
        second.Run.State.Changed += () => blocked |= second.Run.State.Read().Blocked;

        var running = first.MigrateAsync(stop.Token);
        await Eventually.BecomesTrueAsync(() => first.Status.Phase == MigrationPhase.Migrating || running.IsCompleted, () => first.Status.ToString());
        var waiting = second.MigrateAsync(stop.Token);
        await Eventually.BecomesTrueAsync(() => second.Status is { Phase: MigrationPhase.WaitingForTurn, WaitingFor: not null } || waiting.IsCompleted, () => second.Status.ToString());

        // Every sign of progress begins the wait anew.
        var (longest, begunAnew) = (0L, 0);
        await Eventually.BecomesTrueAsync(() =>
        {
            var elapsed = second.Status.WaitingFor?.ElapsedMs ?? longest;
            begunAnew += elapsed < longest ? 1 : 0;
            longest = elapsed;
            return begunAnew > 2 || running.IsCompleted;
        }, () => $"begun anew {begunAnew} times, {second.Status}");

        Assert.False(running.IsCompleted);
        await stop.CancelAsync();
        Assert.Equal((MigrationErrorCode.Interrupted, MigrationErrorCode.Interrupted), ((await running)?.Code, (await waiting)?.Code));
        Assert.False(blocked, string.Join('\n', second.Log.All));
    }
}
