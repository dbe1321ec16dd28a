using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Contract;

/// <summary>What every kind of database has to keep. A new kind joins with a class of a few lines.</summary>
public abstract partial class DatabaseContract
{
    private protected abstract TestDatabase CreateDatabase();

    [Fact]
    public async Task Applies_everything_pending_in_the_order_of_the_numbers_and_records_it()
    {
        await using var database = CreateDatabase();
        database.Migration("10_second", "INSERT INTO a VALUES (2);");
        database.Migration("2_first", "CREATE TABLE a (id INTEGER);");
        await using var host = database.Host();

        Assert.Null(await host.MigrateAsync());

        Assert.Equal("2\n10", await database.HistoryAsync());
        Assert.Equal("2", await database.QueryAsync("SELECT id FROM a"));
        Assert.Equal($"first|applied|{Instance.Name}", await database.QueryAsync("SELECT description, state, applied_by FROM migrationhost_history WHERE version = '2'"));
        var status = host.Status;
        Assert.Equal((MigrationPhase.Ready, "10", "10", 2, 0), (status.Phase, status.Current, status.Latest, status.AppliedCount, status.PendingCount));
        Assert.Equal(["2", "10"], status.Applied.Select(applied => applied.Version));
        await database.AssertReleasedAsync();
    }

    [Fact]
    public async Task Finds_nothing_to_do_the_second_time_even_while_somebody_else_writes()
    {
        await using var database = CreateDatabase();
        database.Migration("1_create", "CREATE TABLE guarded (id INTEGER);");
        await using (var first = database.Host())
            Assert.Null(await first.MigrateAsync());

        await using var writer = await database.HoldFromOutsideAsync();
        await using var second = database.Host();
        Assert.Null(await second.MigrateAsync());

        Assert.Equal(MigrationPhase.Ready, second.Status.Phase);
        Assert.DoesNotContain(second.Log.All, line => line.Contains("applied 1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_failing_statement_rolls_its_whole_migration_back_and_keeps_the_ones_before()
    {
        await using var database = CreateDatabase();
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        var broken = database.Migration("2_break", "INSERT INTO a VALUES (1);\n\nINSERT INTO nowhere VALUES (2);\n");
        await using (var host = database.Host())
        {
            var error = await host.MigrateAsync();

            Assert.NotNull(error);
            Assert.Equal((MigrationErrorCode.MigrationFailed, 4, "2", "migrations/2_break.sql", 3), (error.Code, error.ExitCode, error.Version, error.File, error.Line));
            Assert.Contains("migrations/2_break.sql:3", error.Message, StringComparison.Ordinal);
            Assert.Contains("nowhere", error.Message, StringComparison.Ordinal);
            Assert.Equal("Migration 2 was rolled back as a whole. Correct the script and start again.", error.Hint);
            Assert.Equal(["1"], error.Applied);
            Assert.False(error.Transient);
            Assert.Equal(MigrationPhase.Failed, host.Status.Phase);
            Assert.Null(host.Status.Error!.Statement);
        }
        Assert.Equal("0", await database.QueryAsync("SELECT count(*) FROM a"));
        Assert.Equal("1", await database.HistoryAsync());
        await database.AssertReleasedAsync();

        File.WriteAllText(broken, "INSERT INTO a VALUES (1);");
        await using var repaired = database.Host();
        Assert.Null(await repaired.MigrateAsync());
        Assert.Equal("1", await database.QueryAsync("SELECT count(*) FROM a"));
    }

    [Theory]
    [InlineData("BEGIN;")]
    [InlineData("COMMIT;")]
    [InlineData("ROLLBACK;")]
    [InlineData("END;")]
    public async Task A_script_may_not_control_the_transaction(string statement)
    {
        await using var database = CreateDatabase();
        database.Migration("1_create", $"CREATE TABLE a (id INTEGER);\n{statement}\nCREATE TABLE b (id INTEGER);");
        await using var host = database.Host();

        var error = await host.MigrateAsync();

        Assert.Equal(MigrationErrorCode.MigrationFailed, error?.Code);
        Assert.Equal(2, error!.Line);
        Assert.NotNull(error.Hint);
        Assert.Equal((0, null), (host.Status.AppliedCount, host.Status.Current));
        await database.AssertReleasedAsync();
    }

    [Fact]
    public async Task Files_that_disagree_with_the_history_stop_everything_and_are_all_named()
    {
        await using var database = CreateDatabase();
        var changed = database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        var missing = database.Migration("3_missing", "CREATE TABLE c (id INTEGER);");
        database.Migration("4_last", "CREATE TABLE d (id INTEGER);");
        await using (var first = database.Host())
            Assert.Null(await first.MigrateAsync());

        File.AppendAllText(changed, "-- changed");
        File.Delete(missing);
        database.Migration("2_late", "CREATE TABLE b (id INTEGER);");
        database.Migration("5_next", "CREATE TABLE e (id INTEGER);");
        await using var host = database.Host();
        var error = await host.MigrateAsync();

        Assert.Equal((MigrationErrorCode.HistoryMismatch, 7), (error?.Code, error?.ExitCode));
        Assert.Contains("1_create.sql: has changed", error!.Message, StringComparison.Ordinal);
        Assert.Contains("version 3 (missing)", error.Message, StringComparison.Ordinal);
        Assert.Contains("2_late.sql: is out of order", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("Correct the files and start again. 'migrationhost resolve VERSION --changed' accepts a changed file as it is.", error.Hint, StringComparison.Ordinal);
        Assert.Equal("1\n3\n4", await database.HistoryAsync());
        Assert.Equal("1", Assert.Single(host.Status.Changed).Version);
        Assert.Equal("3", Assert.Single(host.Status.Unknown).Version);
    }

    [Theory]
    [InlineData("CREATE TABLE migrationhost_history (version INTEGER, done INTEGER)")]
    [InlineData("CREATE VIEW migrationhost_history AS SELECT 1 AS version")]
    public async Task A_history_that_somebody_else_has_made_is_told_and_nothing_is_applied(string theirs)
    {
        await using var database = CreateDatabase();
        await database.QueryAsync(theirs);
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        await using var host = database.Host();

        var error = await host.MigrateAsync();

        Assert.Equal(MigrationErrorCode.HistoryMismatch, error?.Code);
        Assert.Contains("migrationhost_history exists, but is not a history of MigrationHost", error!.Message, StringComparison.Ordinal);
        await database.AssertReleasedAsync();
    }

    [Fact]
    public async Task A_history_from_a_newer_release_is_ready_with_a_warning()
    {
        await using var database = CreateDatabase();
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        var newer = database.Migration("2_newer", "CREATE TABLE b (id INTEGER);");
        await using (var first = database.Host())
            Assert.Null(await first.MigrateAsync());

        File.Delete(newer);
        await using var rolledBack = database.Host();
        Assert.Null(await rolledBack.MigrateAsync());
        Assert.Contains(rolledBack.Log.All, line => line.StartsWith("Warning", StringComparison.Ordinal) && line.Contains("newer than these files: it has 2", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Inspecting_writes_nothing()
    {
        await using var database = CreateDatabase();
        database.Migration("1_create", "CREATE TABLE guarded (id INTEGER);");
        await using (var first = database.Host())
            Assert.Null(await first.MigrateAsync());
        database.Migration("2_more", "CREATE TABLE b (id INTEGER);");
        var files = Directory.GetFiles(database.Folder.Path, "*", SearchOption.AllDirectories);

        await using var host = database.Host();
        var (pending, error) = await host.Run.InspectAsync(null, default);

        Assert.Null(error);
        Assert.True(pending);
        Assert.Equal(("1", "2", 1), (host.Status.Current, host.Status.Latest, host.Status.PendingCount));
        Assert.Equal(files, Directory.GetFiles(database.Folder.Path, "*", SearchOption.AllDirectories));
        await database.AssertReleasedAsync();
    }
}
