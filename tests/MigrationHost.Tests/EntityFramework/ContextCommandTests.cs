using MigrationHost.Running;
using MigrationHost.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace MigrationHost.Tests.EntityFramework;

/// <summary>The commands on the migrations of a context.</summary>
public sealed class ContextCommandTests : IAsyncLifetime
{
    private readonly ShopDatabase _database = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task A_script_that_sqlite3_runs_does_what_a_start_does()
    {
        await using var host = _database.Host();
        var file = _database.Folder.Write("all.sql", (await host.Run.ScriptAsync()).Text);
        await using (var shell = new RunningProgram("sh", ["-c", "exec sqlite3 \"$0\" < \"$1\"", _database.Path, file]))
        {
            shell.CloseInput();
            Assert.True(await shell.ExitAsync() == 0, shell.All);
        }

        await using var stock = _database.Stock();
        Assert.Equal(ShopDatabase.Ids, await stock.Database.GetAppliedMigrationsAsync());
        Assert.Empty(await stock.Database.GetPendingMigrationsAsync());
        Assert.Null(await host.Run.ValidateAsync(default));
        await using var started = new ShopDatabase();
        await using (var other = started.Host())
            Assert.Null(await other.MigrateAsync());
        const string schema = "SELECT name, sql FROM sqlite_master WHERE name NOT LIKE '%migrationhost%' ORDER BY name";
        Assert.Equal(await started.QueryAsync(schema), await _database.QueryAsync(schema));
    }

    [Fact]
    public async Task Down_runs_what_EF_Core_would()
    {
        await using var host = _database.Host();
        Assert.Null(await host.MigrateAsync());

        var (undone, error) = await host.Run.DownAsync(ShopDatabase.Ids[1]);

        Assert.Null(error);
        Assert.Equal(ShopDatabase.Ids.Skip(2).Reverse(), undone);
        await using var stock = _database.Stock();
        Assert.Equal(ShopDatabase.Ids[..2], await stock.Database.GetAppliedMigrationsAsync());
        Assert.Equal("2", await _database.QueryAsync("SELECT count(*) FROM Orders"));
        Assert.Equal("0", await _database.QueryAsync("SELECT \"notnull\" FROM pragma_table_info('Customers') WHERE name = 'Name'"));

        // A migration without a Down of its own.
        (undone, error) = await host.Run.DownAsync("0");
        Assert.Empty(undone);
        Assert.Equal(MigrationErrorCode.HistoryMismatch, error?.Code);
        Assert.Contains($"{ShopDatabase.Ids[1]}, {ShopDatabase.Ids[0]} have no part", error!.Message, StringComparison.Ordinal);
        Assert.Null(await host.MigrateAsync());
        Assert.Equal(ShopDatabase.Ids, await stock.Database.GetAppliedMigrationsAsync());
    }

    [Fact]
    public async Task New_names_the_command_of_EF_Core()
    {
        await using var host = _database.Host();

        var (_, error) = await host.Run.OnHistoryAsync("new", (history, watch) => Task.FromResult(history.Add(watch, "add items")), default);

        Assert.Equal(MigrationErrorCode.InvalidConfiguration, error?.Code);
        Assert.Contains("dotnet ef migrations add NAME --context ShopContext", error!.Hint, StringComparison.Ordinal);
    }
}
