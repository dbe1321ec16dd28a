using MigrationHost.Databases;
using MigrationHost.Databases.PostgreSql;
using MigrationHost.Databases.Sqlite;
using MigrationHost.Engines;
using MigrationHost.Masking;
using MigrationHost.Running;
using MigrationHost.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace MigrationHost.Tests.Engines;

/// <summary>The engine knows neither files nor our own table: it runs a source and a form that it has never seen.</summary>
[Collection(PostgreSqlCluster.ForRuns)]
public sealed class SourceAndFormTests(PostgreSqlCluster cluster)
{
    private static readonly (string, string)[] Three =
    [
        ("red", "CREATE TABLE red (x int); INSERT INTO red VALUES (1);"),
        ("green", "INSERT INTO red VALUES (2);"),
        ("blue", "INSERT INTO red VALUES (3);"),
    ];

    [Theory]
    [InlineData("Sqlite")]
    [InlineData("PostgreSql")]
    public async Task A_source_in_code_with_a_history_of_one_row_is_migrated_step_by_step(string provider)
    {
        await using var database = Database(provider);

        Assert.Null(await MigrateAsync(database, Three, "green"));
        Assert.Equal("green", await database.QueryAsync("SELECT version FROM \"up to\""));
        Assert.Equal("2", await database.QueryAsync("SELECT count(*) FROM red"));

        var (status, error) = await RunAsync(database, Three, target: null);
        Assert.Null(error);
        Assert.Equal(["red", "green", "blue"], status.Applied.Select(applied => applied.Version));
        Assert.Equal(("blue", "blue", 0), (status.Current, status.Latest, status.PendingCount));
        Assert.Equal("3", await database.QueryAsync("SELECT max(x) FROM red"));
        Assert.Equal("blue", await database.QueryAsync("SELECT version FROM \"up to\""));

        Assert.Null(await MigrateAsync(database, Three));
        Assert.Equal("3", await database.QueryAsync("SELECT count(*) FROM red"));
        await database.AssertReleasedAsync();
    }

    [Theory]
    [InlineData("Sqlite")]
    [InlineData("PostgreSql")]
    public async Task Errors_speak_in_its_ids_and_a_failure_leaves_the_row_as_it_was(string provider)
    {
        await using var database = Database(provider);
        var broken = Three.Append(("black", "INSERT INTO nowhere VALUES (1);")).ToArray();

        var error = await MigrateAsync(database, broken);

        Assert.Equal((MigrationErrorCode.MigrationFailed, "black"), (error?.Code, error?.Version));
        Assert.StartsWith("code:black:1: ", error!.Message, StringComparison.Ordinal);
        Assert.Equal("blue", await database.QueryAsync("SELECT version FROM \"up to\""));

        var unknown = await MigrateAsync(database, Three, "grey");
        Assert.Equal((MigrationErrorCode.InvalidConfiguration, "--target: it is none of the code's"), (unknown?.Code, unknown?.Message));
    }

    [Theory]
    [InlineData("Sqlite")]
    [InlineData("PostgreSql")]
    public async Task A_row_whose_id_is_none_of_the_sources_stops_the_run_before_anything_is_applied(string provider)
    {
        await using var database = Database(provider);
        Assert.Null(await MigrateAsync(database, Three, "red"));
        await database.QueryAsync("UPDATE \"up to\" SET version = 'grey'");

        var error = await MigrateAsync(database, Three);

        Assert.Equal(MigrationErrorCode.HistoryMismatch, error?.Code);
        Assert.Contains("'grey'", error!.Message, StringComparison.Ordinal);
        Assert.Equal("1", await database.QueryAsync("SELECT count(*) FROM red"));
    }

    private TestDatabase Database(string provider) => provider == "Sqlite" ? new SqliteTestDatabase() : new PostgreSqlTestDatabase(cluster);

    private static async Task<MigrationError?> MigrateAsync(TestDatabase database, (string, string)[] migrations, string? target = null) =>
        (await RunAsync(database, migrations, target)).Error;

    private static async Task<(DatabaseStatus Status, MigrationError? Error)> RunAsync(TestDatabase database, (string, string)[] migrations, string? target)
    {
        await using var host = database.Host();
        var timeouts = host.Run.Timeouts;
        var form = new OneRowHistory();
        IMigrationDatabase opened = database is PostgreSqlTestDatabase postgreSql
            ? new PostgreSqlDatabase("app", PostgreSqlSettings.Read(postgreSql.ConnectionString, [])!, form, timeouts, false, TimeProvider.System)
            : new SqliteDatabase("app", SqliteSettings.Read("Data Source=data/app.db", database.Folder.Path, [])!, form, false, TimeProvider.System);
        var state = new DatabaseState("app", default, EngineKind.Sql, opened.Target, TimeProvider.System);
        var run = new DatabaseRun(
            state,
            timeouts,
            opened,
            new SqlEngine(opened, new CodeSource(migrations), new SqlRules(), TimeProvider.System, NullLogger.Instance),
            new Diagnostician("app", opened, Secrets.None, TimeProvider.System, NullLogger.Instance),
            host.Watchdog,
            new Places(new SemaphoreSlim(1)),
            showStatements: false,
            TimeProvider.System,
            NullLogger.Instance);
        var error = await run.MigrateAsync(null, target, CancellationToken.None);
        return (state.Read(), error);
    }
}
