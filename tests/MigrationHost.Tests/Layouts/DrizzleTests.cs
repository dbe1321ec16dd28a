using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Layouts;

/// <summary>The real Drizzle.</summary>
public abstract class DrizzleTests : LayoutContract
{
    protected override MigrationLayout Layout => MigrationLayout.Drizzle;

    protected override bool HasTool => true;

    protected override OfChange Changed => OfChange.Warned;

    protected override bool HasDown => false;

    protected override string First => "0000_one";

    protected virtual string History => "__drizzle_migrations";

    private protected override void Write(TempFolder folder, int count)
    {
        foreach (var (i, name) in Tables.Index().Take(count))
            folder.Write($"migrations/000{i}_{name}.sql", $"CREATE TABLE {name} (x integer);\n--> statement-breakpoint\nCREATE INDEX ix_{name} ON {name} (x);\n");
        var entries = Tables.Take(count).Select((name, i) =>
            $$"""{ "idx": {{i}}, "version": "7", "when": {{1700000000000 + i}}, "tag": "000{{i}}_{{name}}", "breakpoints": true }""");
        folder.Write("migrations/meta/_journal.json", $$"""{ "version": "7", "dialect": "any", "entries": [{{string.Join(", ", entries)}}] }""");
    }

    private protected override Task ToolMigratesAsync(TestDatabase database) => MigrationTools.DrizzleAsync(database);

    private protected override (string Query, string Rows) AfterAll(TempFolder folder) => (
        $"SELECT created_at, length(hash) FROM {History} ORDER BY created_at",
        "1700000000000|64\n1700000000001|64\n1700000000002|64");

    [Theory]
    [InlineData("0001_two\"", "0001_gone\"", "0001_gone.sql: is named in meta/_journal.json and is not there")]
    [InlineData("1700000000001", "1700000000000", "gives 0000_one and 0001_two the same time")]
    [InlineData("\"entries\"", "\"others\"", "is not a journal of Drizzle")]
    public async Task A_journal_that_is_wrong_is_refused(string right, string wrong, string told)
    {
        await using var database = await CreateAsync();
        Write(database.Folder, 3);
        var journal = database.Folder["migrations/meta/_journal.json"];
        File.WriteAllText(journal, File.ReadAllText(journal).Replace(right, wrong, StringComparison.Ordinal));
        await using var host = database.Host();

        var error = await host.MigrateAsync();

        Assert.Equal(MigrationErrorCode.HistoryMismatch, error?.Code);
        Assert.Contains(told, error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public Task An_accepted_change_is_all_that_changes_in_its_row() =>
        AnAcceptedChangeIsAllThatChangesInItsRowAsync("hash", "created_at");

    [Fact]
    public async Task What_has_begun_in_a_schema_of_its_own_is_found_there()
    {
        await using var database = await CreateAsync();
        Write(database.Folder, 3);
        await ToolMigratesAsync(database);
        await using var host = database.Host();

        Assert.Equal((false, null), await host.Run.InspectAsync(null, default));
        Assert.Equal((3, 0), (host.Status.AppliedCount, host.Status.Pending.Count));
    }

    [Fact]
    public async Task An_entry_that_was_merged_in_with_an_older_time_is_not_skipped()
    {
        await using var database = await CreateAsync();
        Write(database.Folder, 2);
        await ToolMigratesAsync(database);
        Write(database.Folder, 3);
        var journal = database.Folder["migrations/meta/_journal.json"];
        File.WriteAllText(journal, File.ReadAllText(journal).Replace("1700000000002", "1600000000000", StringComparison.Ordinal));
        await using var host = database.Host();

        Assert.Null(await host.MigrateAsync());
        Assert.Equal("0", await database.QueryAsync("SELECT count(*) FROM three"));
        Assert.Null(await host.MigrateAsync());
        Assert.Equal(3, host.Status.AppliedCount);
    }

    [Fact]
    public async Task A_changed_file_is_a_warning_since_Drizzle_never_looks()
    {
        await using var database = await CreateAsync();
        Write(database.Folder, 2);
        await ToolMigratesAsync(database);
        File.AppendAllText(database.Folder["migrations/0000_one.sql"], "\n-- more");
        Write(database.Folder, 3);
        File.AppendAllText(database.Folder["migrations/0000_one.sql"], "\n-- more");
        await using var host = database.Host();

        Assert.Null(await host.MigrateAsync());
        Assert.Contains(host.Log.All, line => line.Contains("0000_one.sql: has changed", StringComparison.Ordinal));
    }
}

public sealed class DrizzleSqliteTests : DrizzleTests
{
    private protected override Task<TestDatabase> CreateAsync() => Task.FromResult<TestDatabase>(new SqliteTestDatabase());
}

[Collection(PostgreSqlCluster.ForTools)]
public sealed class DrizzlePostgreSqlTests(PostgreSqlCluster cluster) : DrizzleTests
{
    protected override string History => "drizzle.__drizzle_migrations";

    private protected override Task<TestDatabase> CreateAsync() => Task.FromResult<TestDatabase>(new PostgreSqlTestDatabase(cluster));
}

/// <inheritdoc cref="LayoutsOnMariaDbTests"/>
internal sealed class DrizzleMariaDb(MariaDbForRuns server) : DrizzleTests
{
    private protected override Task<TestDatabase> CreateAsync() => Task.FromResult<TestDatabase>(new MySqlTestDatabase(server));
}
