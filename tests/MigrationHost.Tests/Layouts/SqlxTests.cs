using System.Security.Cryptography;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Layouts;

/// <summary>sqlx, whose rows are written here as its source writes them.</summary>
public abstract class SqlxTests : LayoutContract
{
    protected override MigrationLayout Layout => MigrationLayout.Sqlx;

    protected override bool IsMarked => false;

    protected override OfChange Changed => OfChange.Refused;

    protected override OfChange OtherLineEnds => OfChange.Refused;

    protected override string First => "1";

    private protected override void Write(TempFolder folder, int count)
    {
        foreach (var (i, name) in Tables.Index().Take(count))
        {
            folder.Write($"migrations/{i + 1}_make_{name}.up.sql", $"CREATE TABLE {name} (x integer);\n");
            folder.Write($"migrations/{i + 1}_make_{name}.down.sql", $"DROP TABLE {name};\n");
        }
    }

    private protected override async Task ToolMigratesAsync(TestDatabase database)
    {
        var isBlob = database is not PostgreSqlTestDatabase;
        var (blob, time) = isBlob ? ("BLOB", "TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP") : ("BYTEA", "TIMESTAMPTZ NOT NULL DEFAULT now()");
        await database.QueryAsync($"CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL, installed_on {time}, "
            + $"success BOOLEAN NOT NULL, checksum {blob} NOT NULL, execution_time BIGINT NOT NULL)");
        var checksum = Checksum(database.Folder, "one");
        await database.QueryAsync("INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) "
            + $"VALUES (1, 'make one', TRUE, {(isBlob ? $"x'{checksum}'" : $"'\\x{checksum}'")}, 1000000); CREATE TABLE one (x integer)");
    }

    private protected override (string Query, string Rows) AfterAll(TempFolder folder) => (
        $"SELECT version, description, CASE WHEN success THEN 'done' END, lower({Hex}) FROM _sqlx_migrations ORDER BY version",
        string.Join('\n', Tables.Select((name, i) => $"{i + 1}|make {name}|done|{Checksum(folder, name)}")));

    protected virtual string Hex => "hex(checksum)";

    private static string Checksum(TempFolder folder, string table) =>
        Convert.ToHexStringLower(SHA384.HashData(File.ReadAllBytes(FileOf(folder, table))));

    [Fact]
    public Task An_accepted_change_is_all_that_changes_in_its_row() =>
        AnAcceptedChangeIsAllThatChangesInItsRowAsync("checksum", "version, description, installed_on, success, execution_time");

    [Fact]
    public async Task A_row_without_success_stops_the_start()
    {
        await using var database = await CreateAsync();
        Write(database.Folder, 3);
        await ToolMigratesAsync(database);
        await database.QueryAsync("UPDATE _sqlx_migrations SET success = FALSE");
        await using var host = database.Host();

        var error = await host.MigrateAsync();
        Assert.Equal(MigrationErrorCode.HistoryMismatch, error?.Code);
        Assert.Contains("_sqlx_migrations: version 1, success = false", error!.Message, StringComparison.Ordinal);

        Assert.Null(await host.Run.ResolveAsync("1", applied: true, default));
        Assert.Null(await host.MigrateAsync());
        Assert.Equal(AfterAll(database.Folder).Rows, await database.QueryAsync(AfterAll(database.Folder).Query));
    }

    [Fact]
    public async Task Plain_files_are_its_own_only_where_the_database_has_its_history()
    {
        await using var database = await CreateAsync();
        database.Migration("1_make_one", "CREATE TABLE one (x integer);\n");
        await ToolMigratesAsync(database);
        database.Migration("2_make_two", "-- no-transaction\nCREATE TABLE two (x integer);\n");
        await using var host = database.Host();

        Assert.Null(await host.MigrateAsync());
        Assert.Equal("1\n2", await database.QueryAsync("SELECT version FROM _sqlx_migrations ORDER BY version"));

        await using var empty = await CreateAsync();
        empty.Migration("1_make_one", "CREATE TABLE one (x integer);\n");
        await using var ours = empty.Host();
        Assert.Null(await ours.MigrateAsync());
        Assert.Equal("1", await empty.HistoryAsync());
    }
}

public sealed class SqlxSqliteTests : SqlxTests
{
    private protected override Task<TestDatabase> CreateAsync() => Task.FromResult<TestDatabase>(new SqliteTestDatabase());
}

[Collection(PostgreSqlCluster.ForTools)]
public sealed class SqlxPostgreSqlTests(PostgreSqlCluster cluster) : SqlxTests
{
    protected override string Hex => "encode(checksum, 'hex')";

    private protected override Task<TestDatabase> CreateAsync() => Task.FromResult<TestDatabase>(new PostgreSqlTestDatabase(cluster));
}

/// <inheritdoc cref="LayoutsOnMariaDbTests"/>
internal sealed class SqlxMariaDb(MariaDbForRuns server) : SqlxTests
{
    private protected override Task<TestDatabase> CreateAsync() => Task.FromResult<TestDatabase>(new MySqlTestDatabase(server));
}
