using MigrationHost.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace MigrationHost.Tests.EntityFramework;

/// <summary>The row by which EF Core on SQLite takes its turn, and which stays after a kill.</summary>
public sealed class ContextLockRowTests : IAsyncLifetime
{
    private const string Row =
        "CREATE TABLE \"__EFMigrationsLock\" (\"Id\" INTEGER NOT NULL CONSTRAINT \"PK___EFMigrationsLock\" PRIMARY KEY, \"Timestamp\" TEXT NOT NULL);"
            + "INSERT INTO \"__EFMigrationsLock\" VALUES (1, '2026-01-01 12:00:00+00:00');";

    private readonly ShopDatabase _database = new();

    public async Task InitializeAsync() => await _database.QueryAsync(Row);

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task One_that_a_killed_process_has_left_is_removed_with_one_line_in_the_log()
    {
        await using var host = _database.Host();

        Assert.Null(await host.MigrateAsync());

        Assert.Single(host.Log.All, line => line.Contains("removed the row of 2026-01-01 12:00:00+00:00 from __EFMigrationsLock", StringComparison.Ordinal));
        Assert.Equal("0", await _database.QueryAsync("SELECT count(*) FROM __EFMigrationsLock"));
        await using var stock = _database.Stock();
        await stock.Database.MigrateAsync();
    }

    [Fact]
    public async Task As_long_as_a_process_has_the_file_open_it_is_waited_for_and_the_process_is_named()
    {
        await using var holder = await Sqlite3.HoldAsync(_database.Path, "SELECT count(*) FROM __EFMigrationsLock;");
        await using var host = _database.Host(("Databases:Shop:Timeouts:Turn", "00:00:05"));

        var error = await host.MigrateAsync();

        Assert.Equal(5, error!.ExitCode);
        Assert.Contains($"sqlite3 (pid {holder.Pid})", error.Message, StringComparison.Ordinal);
        Assert.Contains("2026-01-01 12:00:00+00:00", error.Message, StringComparison.Ordinal);
        Assert.Contains("DELETE FROM \"__EFMigrationsLock\"", error.Hint, StringComparison.Ordinal);
        Assert.Equal("1|0", await _database.QueryAsync(
            "SELECT (SELECT count(*) FROM __EFMigrationsLock), (SELECT count(*) FROM sqlite_master WHERE name = '__EFMigrationsHistory')"));
    }

    [Fact]
    public async Task Once_its_owner_has_taken_it_away_the_start_goes_on()
    {
        await using var holder = await Sqlite3.HoldAsync(_database.Path, "SELECT count(*) FROM __EFMigrationsLock;");
        await using var host = _database.Host();
        var run = host.MigrateAsync();
        await Eventually.BecomesTrueAsync(
            () => host.Status.WaitingFor?.What.Contains(" old", StringComparison.Ordinal) == true, () => string.Join('\n', host.Log.All));
        var report = (await host.DiagnoseAsync()).Report;
        Assert.False(report.Complete);
        Assert.Contains("does not say which process wrote it", report.Note, StringComparison.Ordinal);

        await _database.QueryAsync("DELETE FROM __EFMigrationsLock");

        Assert.Null(await run);
        Assert.True((await host.DiagnoseAsync()).Report.Complete);
    }
}
