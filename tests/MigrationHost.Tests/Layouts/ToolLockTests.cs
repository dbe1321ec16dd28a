using MigrationHost.Layouts;
using MigrationHost.Scripts;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Layouts;

/// <summary>An old release that still runs the tool and a new one of ours exclude each other, on PostgreSQL.</summary>
[Collection(PostgreSqlCluster.Collection)]
public sealed class ToolLockTests(PostgreSqlCluster cluster)
{
    // As golang-migrate's own tests have them.
    [Theory]
    [InlineData(1764327054)]
    [InlineData(2453313553, "schema_name_1")]
    [InlineData(3743845847, "schema_name_1", "schema_name_2")]
    public void The_locks_of_golang_migrate_have_its_numbers(long number, params string[] additional) =>
        Assert.Equal(number, GolangMigrateHistory.LockOf("database_name", additional));

    // Computed apart from this code: CRC-32 with another library, and Java's hash by its definition.
    [Fact]
    public void The_locks_of_sqlx_Prisma_and_Flyway_have_their_numbers()
    {
        var place = new HistoryPlace();
        Assert.Equal([764271479395923884], new SqlxHistory(place).Locks("database_name", "public"));
        Assert.Equal([72707369], new PrismaHistory(place).Locks("database_name", "public"));
        Assert.Equal([5887940537704921958], new GooseHistory(place).Locks("database_name", "public"));
        Assert.Equal([77433833903597], new FlywayHistory(place, new FlywayFiles()).Locks("database_name", "public"));
    }

    [Fact]
    public async Task We_wait_for_a_tool_that_is_at_work_name_it_and_then_see_what_it_has_done()
    {
        await using var database = new PostgreSqlTestDatabase(cluster);
        database.Folder.Write("migrations/1_one/migration.sql", "CREATE TABLE one (x integer);");
        await using var host = database.Host(("Databases:app:Layout", "Prisma"), ("Databases:app:Timeouts:StallAfter", "00:00:00.2"));
        await using var tool = await database.HoldFromOutsideAsync("SELECT pg_advisory_lock(72707369);");

        var run = host.MigrateAsync();
        await Eventually.BecomesTrueAsync(() => host.Status.Blockers.Any(blocker => blocker.Pid == tool.Pid), () => string.Join('\n', host.Log.All));
        Assert.Contains("Prisma", host.Status.WaitingFor?.What, StringComparison.Ordinal);
        Assert.False(run.IsCompleted);

        await tool.DisposeAsync();
        Assert.Null(await run);
        await database.AssertReleasedAsync();
    }

    [Theory]
    [InlineData(MigrationLayout.Morph, "1_one.up.sql", "db_lock", "(id varchar(64) PRIMARY KEY, expireat bigint)", "('mm-lock-key', extract(epoch FROM now()) + 15)")]
    [InlineData(MigrationLayout.Goose, "1_one.sql", "goose_lock", "(lock_id bigint PRIMARY KEY, locked boolean, lease_expires_at timestamptz)", "(1, true, now() + interval '30s')")]
    public async Task A_row_that_a_tool_keeps_while_it_works_is_waited_for_and_then_none_can_be_written_while_we_work(
        MigrationLayout layout, string file, string table, string columns, string row)
    {
        await using var database = new PostgreSqlTestDatabase(cluster);
        await database.QueryAsync($"CREATE TABLE {table} {columns}");
        await database.QueryAsync($"INSERT INTO {table} VALUES {row}");
        database.Folder.Write(
            $"migrations/{file}",
            $"{(layout == MigrationLayout.Goose ? "-- +goose Up\n" : "")}SELECT 1 / (SELECT count(*) FROM pg_locks "
                + $"WHERE relation = '{table}'::regclass AND mode = 'ShareRowExclusiveLock');\nCREATE TABLE one (x integer);\n");
        await using var host = database.Host(("Databases:app:Layout", layout.ToString()), ("Databases:app:Timeouts:StallAfter", "00:00:00.2"));

        var run = host.MigrateAsync();
        await Eventually.BecomesTrueAsync(
            () => host.Status.WaitingFor?.What.Contains("it has its own lock", StringComparison.Ordinal) is true, () => string.Join('\n', host.Log.All));
        Assert.False(run.IsCompleted);

        await database.QueryAsync($"DELETE FROM {table}");
        Assert.Null(await run);
        await database.AssertReleasedAsync();
    }

    [Fact]
    public async Task While_we_work_the_tool_has_to_wait()
    {
        await using var database = new PostgreSqlTestDatabase(cluster);
        database.Folder.Write(
            "migrations/1_one/migration.sql",
            "SELECT 1 / CASE WHEN pg_try_advisory_lock(72707369) THEN 0 ELSE 1 END;\nCREATE TABLE one (x integer);");
        await using var host = database.Host(("Databases:app:Layout", "Prisma"));

        Assert.Null(await host.MigrateAsync());
        await database.AssertReleasedAsync();
    }
}
