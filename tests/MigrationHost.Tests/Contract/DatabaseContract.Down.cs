using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Contract;

public abstract partial class DatabaseContract
{
    [Fact]
    public async Task Down_undoes_the_last_migration_or_all_above_a_version()
    {
        await using var database = CreateDatabase();
        Reversible(database, 4);
        await using var host = database.Host();
        Assert.Null(await host.MigrateAsync());

        var (would, _) = await host.Run.DownAsync(dryRun: true);
        Assert.Equal(["4"], would);
        Assert.Equal("1\n2\n3\n4", await database.HistoryAsync());
        Assert.Equal(["4"], (await host.Run.DownAsync()).Undone);
        Assert.Equal(("3", 3, 1), (host.Status.Current, host.Status.AppliedCount, host.Status.PendingCount));
        Assert.Equal(["3", "2"], (await host.Run.DownAsync("01")).Undone);
        Assert.Equal("1", await database.HistoryAsync());
        Assert.Empty((await host.Run.DownAsync("1")).Undone);
        Assert.Equal(MigrationErrorCode.InvalidConfiguration, (await host.Run.DownAsync("9")).Error?.Code);

        Assert.Null(await host.MigrateAsync());
        Assert.Equal(["4", "3", "2", "1"], (await host.Run.DownAsync("0")).Undone);
        Assert.Equal("", await database.SchemaAsync());
        Assert.Equal("", await database.HistoryAsync());
        await database.AssertReleasedAsync();
    }

    [Fact]
    public async Task A_version_0_is_a_version_and_nothing_is_what_comes_before_it()
    {
        await using var database = CreateDatabase();
        Reversible(database, 1);
        database.Migration("000_init", "CREATE TABLE t0 (id INTEGER);");
        database.Migration("000_init.down", "DROP TABLE t0;");
        await using var host = database.Host();
        Assert.Null(await host.MigrateAsync());

        Assert.Equal(["1"], (await host.Run.DownAsync("0")).Undone);
        Assert.Empty((await host.Run.DownAsync("000")).Undone);
        Assert.Equal("0", await database.HistoryAsync());
        Assert.Equal(["1"], (await host.Run.ScriptAsync("0")).Migrations.Select(migration => migration.Version));
        Assert.Equal(["0", "1"], (await host.Run.ScriptAsync("nothing")).Migrations.Select(migration => migration.Version));

        Assert.Equal(["0"], (await host.Run.DownAsync("nothing")).Undone);
        Assert.Equal("", await database.SchemaAsync());
        await database.AssertReleasedAsync();
    }

    [Fact]
    public async Task Down_touches_nothing_where_one_migration_has_no_part_that_undoes_it()
    {
        await using var database = CreateDatabase();
        Reversible(database, 4);
        File.Delete(database.Folder["migrations/3_make.down.sql"]);
        await using var host = database.Host();
        Assert.Null(await host.MigrateAsync());

        var (undone, error) = await host.Run.DownAsync("1");

        Assert.Empty(undone);
        Assert.Equal(MigrationErrorCode.HistoryMismatch, error?.Code);
        Assert.Contains("migrations: 3 has no part that undoes it", error!.Message, StringComparison.Ordinal);
        Assert.Equal("1\n2\n3\n4", await database.HistoryAsync());

        // One that a later release has applied has no file here at all.
        File.Delete(database.Folder["migrations/4_make.sql"]);
        File.Delete(database.Folder["migrations/4_make.down.sql"]);
        Assert.Contains("4 has no part", (await host.Run.DownAsync()).Error?.Message, StringComparison.Ordinal);
        await database.AssertReleasedAsync();
    }

    [Fact]
    public async Task A_down_part_that_nobody_has_filled_in_undoes_nothing_and_is_refused()
    {
        await using var database = CreateDatabase();
        Reversible(database, 2);
        database.Migration("2_make.down", "-- undoes: make\n");
        await using var host = database.Host();
        Assert.Null(await host.MigrateAsync());

        var (undone, error) = await host.Run.DownAsync("0");

        Assert.Empty(undone);
        Assert.Equal(MigrationErrorCode.HistoryMismatch, error?.Code);
        Assert.Contains("2_make.down.sql: has no statement that undoes 2", error!.Message, StringComparison.Ordinal);
        Assert.Equal("1\n2", await database.HistoryAsync());
    }

    [Fact]
    public async Task A_down_part_that_fails_leaves_its_migration_applied()
    {
        await using var database = CreateDatabase();
        Reversible(database, 2);
        database.Migration("2_make.down", "INSERT INTO t2 VALUES (1);\nINSERT INTO nowhere VALUES (1);");
        await using var host = database.Host();
        Assert.Null(await host.MigrateAsync());

        var (undone, error) = await host.Run.DownAsync("0");

        Assert.Empty(undone);
        Assert.Equal((MigrationErrorCode.MigrationFailed, "migrations/2_make.down.sql", 2), (error?.Code, error?.File, error?.Line));
        Assert.Contains("Migration 2 is still applied: what undoes it was rolled back", error!.Hint, StringComparison.Ordinal);
        Assert.Equal("1\n2", await database.HistoryAsync());
        Assert.Equal("0", await database.QueryAsync("SELECT count(*) FROM t2"));
        await database.AssertReleasedAsync();
    }

    [Fact]
    public async Task A_down_part_outside_a_transaction_is_resumed_and_no_start_gets_in_between()
    {
        await using var database = CreateDatabase();
        Reversible(database, 2);
        database.Migration("2_make.down", "-- migrationhost: transaction=none\nDROP TABLE t2;\nDROP TABLE nowhere;");
        await using var host = database.Host();
        Assert.Null(await host.MigrateAsync());
        var (_, error) = await host.Run.DownAsync();
        Assert.Equal(MigrationErrorCode.MigrationFailed, error?.Code);
        Assert.Contains("1 statement of what undoes migration 2", error!.Hint, StringComparison.Ordinal);

        error = await host.MigrateAsync();
        Assert.Equal(MigrationErrorCode.HistoryMismatch, error?.Code);
        Assert.Contains("version 2 (make) is being undone", error!.Message, StringComparison.Ordinal);
        Assert.Contains("'migrationhost down' finishes it", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("t2", await database.SchemaAsync(), StringComparison.Ordinal);

        database.Migration("2_make.down", "-- migrationhost: transaction=none\nDROP TABLE t2;\nDROP TABLE IF EXISTS nowhere;");
        (var undone, error) = await host.Run.DownAsync();
        Assert.Null(error);
        Assert.Equal(["2"], undone);
        Assert.Equal("1", await database.HistoryAsync());
        Assert.Null(await host.MigrateAsync());
        Assert.Equal("1\n2", await database.HistoryAsync());
        await database.AssertReleasedAsync();
    }

    [Fact]
    public async Task Killed_in_the_middle_of_an_undoing_the_next_down_continues()
    {
        await using var database = CreateDatabase();
        Reversible(database, 2);
        var down = database.Migration("2_make.down", $"-- migrationhost: transaction=none\nDROP TABLE t2;\n{database.Endless}");
        await using var host = database.Host();
        Assert.Null(await host.MigrateAsync());
        await using (var program = MigrationHostProgram.Start(database.Folder.Path, ["down", .. database.Arguments()]))
        {
            await Eventually.BecomesTrueAsync(
                async () => await database.QueryAsync("SELECT statements_done FROM migrationhost_history WHERE state = 'started'") == "1",
                () => program.All);
            program.KillNow();
            await program.ExitAsync();
        }
        Assert.Equal(MigrationErrorCode.HistoryMismatch, (await host.MigrateAsync())?.Code);
        File.WriteAllText(down, "-- migrationhost: transaction=none\nDROP TABLE t2;\nSELECT 1;");

        var (undone, error) = await host.Run.DownAsync();

        Assert.Null(error);
        Assert.Equal(["2"], undone);
        Assert.Equal("1", await database.HistoryAsync());
        await database.AssertReleasedAsync();
    }

    [Fact]
    public async Task Down_waits_for_a_lock_and_names_who_holds_it()
    {
        await using var database = await WithPendingAsync("INSERT INTO guarded VALUES (1);");
        database.Migration("2_insert.down", "DELETE FROM guarded;");
        await using var host = database.Host(("Timeouts:Lock", "00:00:02"), ("Timeouts:LockAttempt", "00:00:00.5"));
        Assert.Null(await host.MigrateAsync());
        var last = host.Status.Applied[^1];
        File.Move(database.Folder["migrations/2_insert.down.sql"], database.Folder[$"migrations/{last.Version}_{last.Description.Replace(' ', '_')}.down.sql"], overwrite: true);
        await using (await database.HoldFromOutsideAsync())
            Assert.Equal(MigrationErrorCode.Blocked, (await host.Run.DownAsync()).Error?.Code);

        Assert.Null((await host.Run.DownAsync()).Error);
        Assert.Equal("0", await database.QueryAsync("SELECT count(*) FROM guarded"));
        await database.AssertReleasedAsync();
    }

    private static void Reversible(TestDatabase database, int count)
    {
        for (var i = 1; i <= count; i++)
        {
            database.Migration($"{i}_make", $"CREATE TABLE t{i} (id INTEGER);");
            database.Migration($"{i}_make.down", $"DROP TABLE t{i};");
        }
    }
}
