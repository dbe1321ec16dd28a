using System.Text.Json;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Program;

/// <summary>With <c>Log: Json</c> every line of the log is one JSON object, and so is what is wrong with settings or usage.</summary>
public sealed class JsonLogTests : IAsyncLifetime
{
    private const string Json = "--MigrationHost:Log=Json";

    private readonly SqliteTestDatabase _database = new();

    public Task InitializeAsync()
    {
        _database.Migration("1_break", "SELECT * FROM nowhere;");
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task A_failure_is_logged_with_its_event_and_the_answer_stays_text()
    {
        var (code, output, errors) = await MigrationHostProgram.RunAsync(_database.Folder.Path, ["migrate", .. _database.Arguments(), Json]);

        Assert.Equal(4, code);
        Assert.StartsWith("app  failed: MigrationFailed", output, StringComparison.Ordinal);
        var failed = Assert.Single(Lines(errors), line => line.GetProperty("@m").GetString()!.Contains("1_break.sql:1", StringComparison.Ordinal));
        Assert.StartsWith("app: MigrationFailed: ", failed.GetProperty("@m").GetString(), StringComparison.Ordinal);
        Assert.Equal("app", failed.GetProperty("Database").GetString());
        Assert.Equal("Error", failed.GetProperty("@l").GetString());
        Assert.True(failed.GetProperty("EventId").GetProperty("Id").GetInt32() > 0);
    }

    [Theory]
    [InlineData("migrate", "--MigrationHost:Startup=Gat")]
    [InlineData("serve", "--MigrationHost:Startup=Gat")]
    [InlineData("migrat", "--MigrationHost:Startup=Gate")]
    public async Task So_is_what_is_wrong_with_settings_or_usage(string command, string setting)
    {
        var (code, output, errors) = await MigrationHostProgram.RunAsync(_database.Folder.Path, [command, .. _database.Arguments(), Json, setting]);

        Assert.Equal(2, code);
        Assert.NotEmpty(Lines(output + errors));
    }

    [Fact]
    public async Task So_is_a_settings_file_that_cannot_be_read()
    {
        _database.Folder.Write("appsettings.json", "{ \"MigrationHost\": ");

        var (code, _, errors) = await MigrationHostProgram.RunAsync(_database.Folder.Path, ["migrate", Json]);

        Assert.Equal(2, code);
        Assert.Contains(Lines(errors), line => line.GetProperty("@m").GetString()!.Contains("is not valid JSON", StringComparison.Ordinal));
    }

    private static List<JsonElement> Lines(string errors) =>
        [.. errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
}
