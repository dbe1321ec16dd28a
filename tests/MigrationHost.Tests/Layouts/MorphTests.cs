using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Layouts;

/// <summary>morph, whose rows are written here as its source writes them.</summary>
public abstract class MorphTests : LayoutContract
{
    protected override MigrationLayout Layout => MigrationLayout.Morph;

    protected override bool IsMarked => false;

    protected override string First => "1";

    private protected override void Write(TempFolder folder, int count)
    {
        foreach (var (i, name) in Tables.Index().Take(count))
        {
            folder.Write($"migrations/00000{i + 1}_make_{name}.up.sql", $"CREATE TABLE {name} (x integer);\n");
            folder.Write($"migrations/00000{i + 1}_make_{name}.down.sql", $"DROP TABLE {name};\n");
        }
    }

    private protected override async Task ToolMigratesAsync(TestDatabase database) => await database.QueryAsync(
        (database is MySqlTestDatabase
            ? "CREATE TABLE db_migrations (Version bigint(20) NOT NULL, Name varchar(64) NOT NULL, PRIMARY KEY (Version)) ENGINE=InnoDB; "
            : "CREATE TABLE db_migrations (version bigint NOT NULL PRIMARY KEY, name varchar NOT NULL); ")
            + "INSERT INTO db_migrations VALUES (1, 'make_one'); CREATE TABLE one (x integer)");

    private protected override (string Query, string Rows) AfterAll(TempFolder folder) =>
        ("SELECT version, name FROM db_migrations ORDER BY version", "1|make_one\n2|make_two\n3|make_three");

    [Fact]
    public async Task A_name_in_a_template_comes_from_the_settings_and_is_refused_with_its_line_without_a_value()
    {
        await using var database = await CreateAsync();
        database.Folder.Write("migrations/000001_one.up.sql", "-- one\nCREATE TABLE {{.prefix}}one (x integer);\n");
        await using var host = database.Host(("Databases:app:Layout", "Morph"));

        var error = await host.MigrateAsync();
        Assert.Equal((MigrationErrorCode.HistoryMismatch, 2), (error?.Code, error?.Line));
        Assert.Contains("Placeholders:prefix", error!.Message, StringComparison.Ordinal);

        await using var filled = database.Host(("Databases:app:Layout", "Morph"), ("Databases:app:Placeholders:prefix", "my_"));
        Assert.Null(await filled.MigrateAsync());
        Assert.Equal("0", await database.QueryAsync("SELECT count(*) FROM my_one"));
    }
}

public sealed class MorphSqliteTests : MorphTests
{
    private protected override Task<TestDatabase> CreateAsync() => Task.FromResult<TestDatabase>(new SqliteTestDatabase());
}

[Collection(PostgreSqlCluster.Collection)]
public sealed class MorphPostgreSqlTests(PostgreSqlCluster cluster) : MorphTests
{
    private protected override Task<TestDatabase> CreateAsync() => Task.FromResult<TestDatabase>(new PostgreSqlTestDatabase(cluster));
}

/// <inheritdoc cref="LayoutsOnMariaDbTests"/>
internal sealed class MorphMariaDb(MariaDbForRuns server) : MorphTests
{
    private protected override Task<TestDatabase> CreateAsync() => Task.FromResult<TestDatabase>(new MySqlTestDatabase(server));
}
