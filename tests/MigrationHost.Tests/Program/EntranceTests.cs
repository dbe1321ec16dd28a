using System.Text.Json;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Program;

/// <summary>What a shell sees of a database or folder that is not ours.</summary>
public sealed class EntranceTests : IAsyncLifetime
{
    private readonly SqliteTestDatabase _database = new();

    public Task InitializeAsync()
    {
        _database.Migration("1_create_users", "CREATE TABLE users (id INTEGER);");
        _database.Migration("2_add_orders", "CREATE TABLE orders (id INTEGER);");
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task A_database_that_was_migrated_by_other_means_is_taken_over_with_baseline()
    {
        await _database.QueryAsync("CREATE TABLE users (id INTEGER); INSERT INTO users VALUES (1);");
        foreach (var command in new[] { "migrate", "status" })
        {
            var (refused, said, _) = await RunAsync(command);
            Assert.Equal(7, refused);
            Assert.Contains("data/app.db has 1 table (users), but no history of MigrationHost", said, StringComparison.Ordinal);
            Assert.Contains("'migrationhost baseline VERSION --database app'", said, StringComparison.Ordinal);
        }

        var (code, output, _) = await RunAsync("baseline", "01", "--dry-run");
        const string place = "at 1 of 2, 1 recorded without running them, 1 pending (data/app.db)";
        Assert.Equal((0, $"app  would record 1 create users\napp  would be {place}"), (code, output.Trim()));
        Assert.Equal("0", await _database.QueryAsync("SELECT count(*) FROM sqlite_master WHERE name = 'migrationhost_history'"));

        (code, output, _) = await RunAsync("baseline", "1");
        Assert.Equal((0, $"app  recorded 1 create users\napp  {place}"), (code, output.Trim()));

        (code, output, _) = await RunAsync("baseline", "1");
        Assert.Equal(7, code);
        Assert.Contains("has a history already: 1 migration, the last is version 1", output, StringComparison.Ordinal);

        (code, output, _) = await RunAsync("migrate");
        Assert.Equal(0, code);
        Assert.Contains("app  ready at 2, 2 applied, 0 pending", output, StringComparison.Ordinal);
        Assert.Equal("1", await _database.QueryAsync("SELECT id FROM users"));
    }

    [Fact]
    public async Task Baseline_is_for_our_own_history()
    {
        const string app = "--MigrationHost:Databases:app";
        var (code, output, _) = await RunAsync("baseline", "1", $"{app}:Engine=Command", $"{app}:Command:Executable=/bin/true");
        Assert.Equal(2, code);
        Assert.Contains("baseline is for Engine Sql: true keeps the history", output, StringComparison.Ordinal);

        (code, _, var errors) = await RunAsync("baseline", "1", "--MigrationHost:Databases:b:ConnectionString=Data Source=data/b.db");
        Assert.Equal(2, code);
        Assert.Contains("baseline needs --database if there are several: app, b", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_target_below_what_is_applied_ends_with_7()
    {
        Assert.Equal(0, (await RunAsync("migrate")).Code);
        foreach (var dryRun in new[] { Array.Empty<string>(), ["--dry-run"] })
        {
            var (code, output, _) = await RunAsync(["migrate", "--target", "1", .. dryRun]);
            Assert.Equal(7, code);
            Assert.Contains("the target 1 is below version 2, which is applied", output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Down_to_nothing_undoes_all()
    {
        _database.Migration("1_create_users.down", "DROP TABLE users;");
        _database.Migration("2_add_orders.down", "DROP TABLE orders;");
        Assert.Equal(0, (await RunAsync("migrate")).Code);

        var (code, output, _) = await RunAsync("down", "--to", "nothing");

        Assert.Equal(0, code);
        Assert.Contains("app  empty, latest is 2, 0 applied, 2 pending", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_a_database_is_is_said_in_words_that_fit()
    {
        await SaysAsync("data/app.db: empty, latest is 2, 0 applied, 2 pending", "status");
        await SaysAsync("app  ready at 2, 2 applied, 0 pending", "migrate");
        await SaysAsync("data/app.db: at 2 of 2, 2 applied, 0 pending", "status");

        File.Delete(_database.Folder["migrations/2_add_orders.sql"]);
        await SaysAsync("data/app.db: at 2, these files end at 1, 2 applied, 0 pending", "status");
        await SaysAsync("history: at 2, these files end at 1, 0 pending", "doctor");

        File.Delete(_database.Folder["migrations/1_create_users.sql"]);
        const string allowed = "--MigrationHost:Databases:app:AllowEmpty=true";
        await SaysAsync("data/app.db: at 2, the folder has no migrations, 2 applied, 0 pending", "status", allowed);

        async Task SaysAsync(string expected, params string[] arguments) =>
            Assert.Contains(expected, (await RunAsync(arguments)).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("migrate")]
    [InlineData("status")]
    public async Task Of_many_problems_the_text_shows_twenty_and_json_all(string command)
    {
        for (var i = 0; i < 3000; i++)
            _database.Folder.Write($"migrations/wrong{i}.sql", "SELECT 1;");

        var (code, output, errors) = await RunAsync(command);
        Assert.Equal(7, code);
        Assert.Contains("3000 problems with the migrations:", output, StringComparison.Ordinal);
        Assert.Contains("and 2980 more; --json shows all", output, StringComparison.Ordinal);
        Assert.True(output.Length + errors.Length < 20_000, $"{output.Length} and {errors.Length} characters");

        (code, output, _) = await RunAsync(command, "--json");
        Assert.Equal(7, code);
        var last = JsonDocument.Parse(output.Trim().Split('\n')[^1]).RootElement;
        var error = (command == "migrate" ? last.GetProperty("status") : last).GetProperty("databases")[0].GetProperty("error");
        Assert.Equal(3000, error.GetProperty("problems").GetArrayLength());
        Assert.Equal("migrations/wrong0.sql", error.GetProperty("problems")[0].GetProperty("file").GetString());
    }

    [Fact]
    public async Task Doctor_shows_the_first_of_many_problems_and_a_count()
    {
        for (var i = 0; i < 30; i++)
            _database.Folder.Write($"migrations/wrong{i}.sql", "SELECT 1;");

        var (code, output, _) = await RunAsync("doctor");
        Assert.Equal(12, code);
        Assert.Equal(20, output.Split("no version and description").Length - 1);
        Assert.Contains("app  migrations: and 10 more; --json shows all", output, StringComparison.Ordinal);
        Assert.Equal(30, (await RunAsync("doctor", "--json")).Output.Split("no version and description").Length - 1);
    }

    [Fact]
    public async Task A_tools_folder_of_thousands_of_files_is_one_sentence()
    {
        for (var i = 1; i <= 1400; i++)
        {
            _database.Folder.Write($"theirs/{i}_x.up.sql", "SELECT 1;");
            _database.Folder.Write($"theirs/{i}_x.down.sql", "DROP TABLE users;");
        }

        var (code, output, _) = await RunAsync("migrate", "--MigrationHost:Databases:app:Migrations=theirs");
        Assert.Equal(7, code);
        const string sentence = "app  failed: HistoryMismatch: theirs may be a folder of golang-migrate or morph or sqlx";
        Assert.StartsWith(sentence, output, StringComparison.Ordinal);
        Assert.Equal(2, output.Trim().Split('\n').Length);
        Assert.DoesNotContain("version of its own", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_without_anything_that_can_be_run_names_the_tool_before_the_database_is_touched()
    {
        _database.Folder.Write("theirs/20261122100000_create_users.rb", "class CreateUsers < ActiveRecord::Migration[8.0]\nend\n");

        var (code, output, _) = await RunAsync("migrate", "--MigrationHost:Databases:app:Migrations=theirs");
        Assert.Equal(7, code);
        Assert.Contains("theirs: is a folder of Rails (20261122100000_create_users.rb)", output, StringComparison.Ordinal);
        Assert.False(File.Exists(_database.Path));
    }

    private Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments) =>
        MigrationHostProgram.RunAsync(_database.Folder.Path, [.. arguments, .. _database.Arguments()]);
}
