using MigrationHost.Running;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Contract;

public abstract partial class DatabaseContract
{
    [Fact]
    public async Task Validate_lists_every_problem_of_files_and_history_at_once()
    {
        await using var database = CreateDatabase();
        var first = database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        var second = database.Migration("3_more", "CREATE TABLE b (id INTEGER);");
        await using (var host = database.Host())
        {
            Assert.Null(await host.MigrateAsync());
            Assert.Null(await host.Run.ValidateAsync(default));
        }
        File.AppendAllText(first, "-- changed\n");
        File.Delete(second);
        database.Migration("2_late", "CREATE TABLE c (id INTEGER);");
        database.Migration("4_begins", "BEGIN;\nCREATE TABLE d (id INTEGER);\n");

        await using var broken = database.Host();
        var error = await broken.Run.ValidateAsync(default);

        Assert.Equal((MigrationErrorCode.HistoryMismatch, 4), (error?.Code, error?.Problems.Count));
        foreach (var problem in new[] { "1_create.sql: has changed", "2_late.sql: is out of order", "version 3 (more) was applied", "4_begins.sql:1: must not contain BEGIN" })
            Assert.Contains(problem, error!.Message, StringComparison.Ordinal);

        // What cannot be read as a migration hides nothing of the rest.
        database.Migration("nameless", "SELECT 1;");
        error = await broken.Run.ValidateAsync(default);
        Assert.Contains("nameless.sql: has no version", error?.Message, StringComparison.Ordinal);
        Assert.Contains("1_create.sql: has changed", error!.Message, StringComparison.Ordinal);
        await database.AssertReleasedAsync();
    }

    [Fact]
    public async Task Validate_accepts_what_is_pending_and_makes_nothing()
    {
        await using var database = CreateDatabase();
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        await using var host = database.Host();

        Assert.Null(await host.Run.ValidateAsync(default));

        Assert.Equal((0, 1), (host.Status.AppliedCount, host.Status.PendingCount));
        Assert.Null(await host.MigrateAsync());
    }

    [Fact]
    public async Task Resolve_accepts_a_changed_file_and_nothing_else()
    {
        await using var database = CreateDatabase();
        var script = database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        database.Migration("2_more", "CREATE TABLE b (id INTEGER);");
        await using var host = database.Host();
        Assert.Null(await host.MigrateAsync());
        var before = await database.QueryAsync(AllButChecksum);
        Assert.Contains("has not changed", (await host.Run.SettleAsync("1", Settlement.Changed)).Error?.Message, StringComparison.Ordinal);
        Assert.Contains("is not applied", (await host.Run.SettleAsync("3", Settlement.Changed)).Error?.Message, StringComparison.Ordinal);
        var was = host.Status.Applied[0].Checksum;
        File.AppendAllText(script, "-- a comment\n");

        var (settled, error) = await host.Run.SettleAsync("01", Settlement.Changed);

        Assert.Null(error);
        Assert.Equal(("1", "migrations/1_create.sql", was), (settled!.Version, settled.File, settled.Was));
        Assert.NotEqual(settled.Was, settled.Now);
        Assert.Equal(before, await database.QueryAsync(AllButChecksum));
        Assert.Equal(settled.Now, await database.QueryAsync("SELECT checksum FROM migrationhost_history WHERE version = '1'"));
        Assert.Null(await host.MigrateAsync());
        await database.AssertReleasedAsync();
    }

    private const string AllButChecksum =
        "SELECT version, description, applied_at, duration_ms, applied_by, state FROM migrationhost_history ORDER BY version";
}
