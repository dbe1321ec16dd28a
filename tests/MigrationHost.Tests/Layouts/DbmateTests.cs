using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Layouts;

/// <summary>The real dbmate.</summary>
public abstract class DbmateTests : LayoutContract
{
    protected override MigrationLayout Layout => MigrationLayout.Dbmate;

    protected override bool HasTool => true;

    protected override string First => "20261122100000";

    private protected override void Write(TempFolder folder, int count)
    {
        foreach (var (i, name) in Tables.Index().Take(count))
        {
            folder.Write(
                $"migrations/2026112210000{i}_{name}.sql",
                $"-- migrate:up\nCREATE TABLE {name} (x integer);\n\n-- migrate:down\nDROP TABLE {name};\n");
        }
    }

    private protected override Task ToolMigratesAsync(TestDatabase database) => MigrationTools.DbmateAsync(database, "up");

    private protected override (string Query, string Rows) AfterAll(TempFolder folder) =>
        ("SELECT version FROM schema_migrations ORDER BY version", "20261122100000\n20261122100001\n20261122100002");

    [Fact]
    public async Task It_rolls_back_what_we_have_applied()
    {
        await using var database = await CreateAsync();
        Write(database.Folder, 3);
        await using var host = database.Host();
        Assert.Null(await host.MigrateAsync());

        await MigrationTools.DbmateAsync(database, "rollback");
        Assert.Equal("20261122100000\n20261122100001", await database.QueryAsync(AfterAll(database.Folder).Query));

        Assert.Null(await host.MigrateAsync());
        Assert.Equal(AfterAll(database.Folder).Rows, await database.QueryAsync(AfterAll(database.Folder).Query));
    }

    [Fact]
    public async Task A_late_migration_is_applied_and_a_missing_file_is_no_fault_as_for_dbmate()
    {
        await using var database = await CreateAsync();
        Write(database.Folder, 3);
        await MigrationTools.DbmateAsync(database, "up");
        database.Folder.Write("migrations/20260101000000_late.sql", "-- migrate:up\nCREATE TABLE late (x integer);\n-- migrate:down\n");
        File.Delete(database.Folder["migrations/20261122100000_one.sql"]);
        await using var host = database.Host();

        Assert.Null(await host.MigrateAsync());
        Assert.Equal("0", await database.QueryAsync("SELECT count(*) FROM late"));
    }

    [Fact]
    public async Task Outside_a_transaction_runs_what_its_mark_says()
    {
        await using var database = await CreateAsync();
        database.Migration("1_one", $"-- migrate:up transaction:false\nCREATE TABLE one (x integer);\n{database.OutsideTransaction}\n-- migrate:down\n");
        await using var host = database.Host();

        Assert.Null(await host.MigrateAsync());
        Assert.Equal("0", await database.QueryAsync("SELECT count(*) FROM one"));
    }

    [Fact]
    public async Task A_statement_above_its_first_mark_is_refused_and_not_dropped()
    {
        await using var database = await CreateAsync();
        database.Migration("1_one", "CREATE TABLE lost (x integer);\n-- migrate:up\nCREATE TABLE one (x integer);\n-- migrate:down\n");
        await using var host = database.Host();

        var error = await host.MigrateAsync();
        Assert.Equal((MigrationErrorCode.HistoryMismatch, 1), (error?.Code, error?.Line));
    }

    [Fact]
    public async Task The_history_of_golang_migrate_is_not_taken_for_its_own()
    {
        await using var database = await CreateAsync();
        Write(database.Folder, 3);
        await database.QueryAsync("CREATE TABLE schema_migrations (version bigint primary key, dirty boolean)");
        await database.QueryAsync("INSERT INTO schema_migrations VALUES (1, false)");
        await using var host = database.Host(("Databases:app:Layout", "Dbmate"));

        var error = await host.MigrateAsync();
        Assert.Equal(MigrationErrorCode.HistoryMismatch, error?.Code);
        Assert.Contains("schema_migrations is the history of golang-migrate", error!.Message, StringComparison.Ordinal);
    }
}

public sealed class DbmateSqliteTests : DbmateTests
{
    private protected override Task<TestDatabase> CreateAsync() => Task.FromResult<TestDatabase>(new SqliteTestDatabase());
}

[Collection(PostgreSqlCluster.ForTools)]
public sealed class DbmatePostgreSqlTests(PostgreSqlCluster cluster) : DbmateTests
{
    private protected override Task<TestDatabase> CreateAsync() => Task.FromResult<TestDatabase>(new PostgreSqlTestDatabase(cluster));
}

/// <inheritdoc cref="LayoutsOnMariaDbTests"/>
internal sealed class DbmateMariaDb(MariaDbForRuns server) : DbmateTests
{
    protected override bool StartsNoProgram => true;

    private protected override Task<TestDatabase> CreateAsync() => Task.FromResult<TestDatabase>(new MySqlTestDatabase(server));
}
