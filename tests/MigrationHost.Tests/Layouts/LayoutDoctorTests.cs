using MigrationHost.Databases;
using MigrationHost.Running;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Layouts;

/// <summary>What <c>doctor</c> and <c>status</c> say of a folder that may be another tool's.</summary>
public sealed class LayoutDoctorTests : IAsyncLifetime
{
    private readonly SqliteTestDatabase _database = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task It_names_layout_history_code_placeholders_and_checksums()
    {
        _database.Folder.Write("migrations/00001_one.sql", "-- +goose Up\nCREATE TABLE one (x integer);\n");
        _database.Folder.Write("migrations/00002_two.go", "package migrations");
        _database.Folder.Write("migrations/00003_three.sql", "-- +goose ENVSUB ON\n-- +goose Up\nCREATE TABLE $NAME (x integer);\n");
        await using var host = _database.Host(("Databases:app:Placeholders:OTHER", "x"));

        var checks = await ExamineAsync(host);

        Assert.Equal(
            "migrations is read as a folder of goose, with the history in goose_db_version\n"
                + "migrations is taken for a folder of goose: its files are that tool's",
            checks["layout"]);
        Assert.Equal("goose keeps none: a changed file is not seen", checks["checksums"]);
        Assert.Equal("set: OTHER", checks["placeholders"]);
        Assert.Equal("1 migration in code (migrations/00002_two.go): fine once applied, refused as long as pending", checks["code"]);
        Assert.Equal(
            "1 file refused as long as pending, the first: migrations/00003_three.sql:3: has a placeholder without a value: NAME",
            checks["files"]);
    }

    [Fact]
    public async Task Beside_our_own_history_it_names_the_others()
    {
        _database.Migration("1_one", "CREATE TABLE one (x integer);");
        await using (var before = _database.Host())
            Assert.Null(await before.MigrateAsync());
        await _database.QueryAsync("CREATE TABLE _prisma_migrations (id text); CREATE TABLE goose_db_version (id integer)");
        await using var host = _database.Host();

        var checks = await ExamineAsync(host);

        Assert.Equal(
            "migrations is MigrationHost's own: migrationhost_history has rows\n"
                + "migrations is read as a folder of MigrationHost, with the history in migrationhost_history; "
                + "a history of Sqlx in the database would make it that tool's\n"
                + "the database also has a history of Prisma (_prisma_migrations), which is left alone\n"
                + "the database also has a history of goose (goose_db_version), which is left alone",
            string.Join('\n', checks["layout"].Split('\n').Order(StringComparer.Ordinal).OrderBy(line => line.StartsWith("the ", StringComparison.Ordinal))));
    }

    [Theory]
    [InlineData("Own")]
    [InlineData("Auto")]
    public async Task The_setting_of_a_history_that_is_not_used_is_told(string layout)
    {
        _database.Migration("1_one", "CREATE TABLE one (x integer);");
        await using var host = _database.Host(("Databases:app:Layout", layout), ("Databases:app:History:Table", "theirs"));

        Assert.Null(await host.MigrateAsync());

        const string warning = "the setting History is not used";
        Assert.Contains(host.Log.All, line => line.StartsWith($"Warning: app: {warning}", StringComparison.Ordinal));
        Assert.Contains(warning, (await ExamineAsync(host))["migrations"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_says_nothing_of_what_the_history_does_not_keep()
    {
        _database.Folder.Write("migrations/00001_one.sql", "-- +goose Up\nCREATE TABLE one (x integer);\n");
        await using (var host = _database.Host())
            Assert.Null(await host.MigrateAsync());

        var (code, output, errors) = await MigrationHostProgram.RunAsync(_database.Folder.Path, ["status", .. _database.Arguments()]);

        Assert.True(code == 0, errors);
        Assert.Matches(@"(?m)^  applied 1 one  \S+ \S+Z$", output.ReplaceLineEndings("\n"));
    }

    private static async Task<Dictionary<string, string>> ExamineAsync(TestHost host)
    {
        var checks = new List<DoctorCheck>();
        await foreach (var check in Doctor.ExamineAsync(host.Run, TimeProvider.System, default))
            checks.Add(check);
        return checks.GroupBy(check => check.Check).ToDictionary(group => group.Key, group => string.Join('\n', group.Select(check => check.Message)));
    }
}
