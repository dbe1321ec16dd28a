using MigrationHost.Tests.Support;
using Microsoft.EntityFrameworkCore;

namespace MigrationHost.Tests.EntityFramework;

/// <summary>A start that is ended by SIGKILL while EF Core's table rebuilds run.</summary>
public sealed class ContextKillTests : IAsyncLifetime
{
    private const int Killed = 137;
    private const string Schema = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name <> '__EFMigrationsLock' ORDER BY type, name";
    private const string Rows =
        "SELECT name FROM Customers; SELECT id, CustomerId, Note FROM Orders ORDER BY 1; PRAGMA foreign_key_check; SELECT * FROM __EFMigrationsHistory ORDER BY 1";

    private readonly ShopDatabase _stock = new();
    private readonly ShopDatabase _before = new();

    public async Task InitializeAsync()
    {
        await using (var stock = _stock.Stock())
            await stock.Database.MigrateAsync();
        await using var before = _before.Stock();
        await before.Database.MigrateAsync(ShopDatabase.Ids[1]);
        await before.Database.ExecuteSqlRawAsync("PRAGMA wal_checkpoint(TRUNCATE)");
    }

    public async Task DisposeAsync()
    {
        await _stock.DisposeAsync();
        await _before.DisposeAsync();
    }

    [Fact]
    [Trait(Torture.Trait, Torture.Category)]
    public async Task Before_every_statement_the_next_start_goes_on_and_loses_no_child()
    {
        // The suite kills before every fifth.
        var step = Torture.Rounds(1) > 1 ? 1 : 5;
        var (kills, survived) = (1 - step, false);
        while (!survived)
        {
            await using var database = new ShopDatabase();
            File.Copy(_before.Path, database.Path);
            var (code, output, errors) = await MigrateAsync(database, kills += step);
            survived = code == 0;
            Assert.True(code is 0 or Killed, $"{kills}: {code} {output} {errors}");

            await using var host = database.Host();
            Assert.Null(await host.MigrateAsync());
            Assert.Equal(await _stock.QueryAsync(Schema), await database.QueryAsync(Schema));
            Assert.Equal(await _stock.QueryAsync(Rows), await database.QueryAsync(Rows));
        }

        // Three migrations, each in a transaction of its own, the second and third statement of each rebuilding a table.
        Assert.InRange(kills, 20, 65);
    }

    [Fact]
    [Trait(Torture.Trait, Torture.Category)]
    public async Task At_any_moment_the_next_start_goes_on_and_loses_no_child()
    {
        for (var round = 0; round < Torture.Rounds(1); round++)
        {
            await using var database = new ShopDatabase();
            File.Copy(_before.Path, database.Path);
            await using (var program = database.StartApp([], "migrate"))
            {
                await Eventually.BecomesTrueAsync(() => File.Exists($"{database.Path}-wal") || program.HasExited, () => program.All);
                await Task.Delay(Torture.Chance(round).Next(200));
                program.KillNow();
                await program.ExitAsync();
            }

            await using var host = database.Host();
            Assert.Null(await host.MigrateAsync());
            Assert.Equal(await _stock.QueryAsync(Schema), await database.QueryAsync(Schema));
            Assert.Equal(await _stock.QueryAsync(Rows), await database.QueryAsync(Rows));
        }
    }

    private static Task<(int Code, string Output, string Errors)> MigrateAsync(ShopDatabase database, int killBefore) =>
        database.RunAppAsync([("KillBefore", $"{killBefore}")], "migrate");
}
