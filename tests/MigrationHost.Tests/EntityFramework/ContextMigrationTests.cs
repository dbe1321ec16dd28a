using MigrationHost.EfApp.Shop;
using MigrationHost.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace MigrationHost.Tests.EntityFramework;

/// <summary>The migrations of a context, applied to a file.</summary>
public sealed class ContextMigrationTests : IAsyncLifetime
{
    private readonly ShopDatabase _database = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task All_are_applied_and_stock_EF_Core_sees_exactly_that()
    {
        await using var host = _database.Host();

        Assert.Null(await host.MigrateAsync());

        var status = host.Status;
        Assert.Equal(("Shop", MigrationPhase.Ready, EngineKind.EntityFramework), (status.Name, status.Phase, status.Engine));
        Assert.Equal((ShopDatabase.Ids[^1], ShopDatabase.Ids[^1], 0), (status.Current, status.Latest, status.PendingCount));
        Assert.Equal(ShopDatabase.Ids, status.Applied.Select(applied => applied.Version));
        Assert.Equal(["Initial", "AddNotes", "RequireName", "DropEmail", "AddProducts"], status.Applied.Select(applied => applied.Description));
        await using var stock = _database.Stock();
        Assert.Empty(await stock.Database.GetPendingMigrationsAsync());
        Assert.Equal(ShopDatabase.Ids, await stock.Database.GetAppliedMigrationsAsync());
        await stock.Database.MigrateAsync();
        Assert.Equal("Ada;\r\n-- '", (await stock.Customers.SingleAsync()).Name);
        Assert.Equal(2, await stock.Orders.CountAsync());
    }

    [Fact]
    public async Task The_schema_is_the_one_that_stock_EF_Core_makes()
    {
        await using var other = new ShopDatabase();
        await using (var stock = other.Stock())
            await stock.Database.MigrateAsync();
        await using var host = _database.Host();

        Assert.Null(await host.MigrateAsync());

        const string schema = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name <> '__EFMigrationsLock' ORDER BY type, name";
        Assert.Equal(await other.QueryAsync(schema), await _database.QueryAsync(schema));
        const string history = "SELECT * FROM __EFMigrationsHistory";
        Assert.Equal(await other.QueryAsync(history), await _database.QueryAsync(history));
        Assert.Equal(await other.QueryAsync("PRAGMA journal_mode"), await _database.QueryAsync("PRAGMA journal_mode"));
        Assert.Equal("0", await _database.QueryAsync("SELECT count(*) FROM sqlite_master WHERE name IN ('__EFMigrationsLock', 'migrationhost_history')"));
    }

    [Fact]
    public async Task What_stock_EF_Core_has_applied_is_applied()
    {
        await using (var stock = _database.Stock())
            await stock.Database.MigrateAsync(ShopDatabase.Ids[2]);
        await using var host = _database.Host();

        Assert.Null(await host.MigrateAsync());

        Assert.Equal(ShopDatabase.Ids, host.Status.Applied.Select(applied => applied.Version));
        Assert.Contains(host.Log.All, line => line.Contains("2 applied in this start", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_history_of_another_name_is_the_one_that_counts()
    {
        await using var host = _database.HostOf(builder =>
        {
            builder.Services.AddDbContext<ShopContext>(
                options => options.UseSqlite(_database.ConnectionString, sqlite => sqlite.MigrationsHistoryTable("Applied here")));
            builder.AddEntityFramework<ShopContext>("orders");
        });

        Assert.Null(await host.MigrateAsync());

        Assert.Equal("orders", host.Status.Name);
        Assert.Equal("5", await _database.QueryAsync("SELECT count(*) FROM [Applied here]"));
        Assert.Equal("0", await _database.QueryAsync("SELECT count(*) FROM sqlite_master WHERE name LIKE '\\_\\_EF%' ESCAPE '\\'"));
    }
}
