using System.Data.Common;
using MigrationHost.EfApp.Small;
using MigrationHost.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace MigrationHost.Tests.EntityFramework;

/// <summary>Many replicas that start at once with twenty migrations, each of which fails if it runs twice.</summary>
[Collection(PostgreSqlCluster.Collection)]
public sealed class ContextReplicaTests(PostgreSqlCluster cluster)
{
    private const int Replicas = 8;

    [Theory]
    [Trait(Torture.Trait, Torture.Category)]
    [InlineData(0)]
    [InlineData(4)]
    public async Task On_PostgreSQL_each_migration_runs_once_and_ours_never_fails(int stock)
    {
        for (var round = 0; round < Torture.Rounds(1); round++)
        {
            await using var database = new PostgreSqlTestDatabase(cluster);

            await MigrateAsync(options => options.UseNpgsql(database.ConnectionString), add => database.Host(add), stock);

            Assert.Equal("20|20|20", await database.QueryAsync(
                """SELECT (SELECT count(*) FROM "__EFMigrationsHistory"), count(*), count(DISTINCT number) FROM ran"""));
        }
    }

    [Theory]
    [Trait(Torture.Trait, Torture.Category)]
    [InlineData(0)]
    [InlineData(4)]
    public async Task On_SQLite_each_migration_runs_once_and_ours_never_fails(int stock)
    {
        for (var round = 0; round < Torture.Rounds(1); round++)
        {
            await using var database = new ShopDatabase();

            await MigrateAsync(options => options.UseSqlite(database.ConnectionString), add => database.HostOf(add), stock);

            Assert.Equal("20|20|20", await database.QueryAsync(
                "SELECT (SELECT count(*) FROM __EFMigrationsHistory), count(*), count(DISTINCT number) FROM ran"));
        }
    }

    private static async Task MigrateAsync(Action<DbContextOptionsBuilder> options, Func<Action<MigrationHostBuilder>, TestHost> host, int stock)
    {
        var errors = await Task.WhenAll(Enumerable.Range(0, Replicas).Select(number => Task.Run(
            () => number < stock ? MigrateStockAsync(options) : MigrateAsync(options, host))));
        Assert.All(errors, Assert.Null);
    }

    private static async Task<MigrationError?> MigrateAsync(Action<DbContextOptionsBuilder> options, Func<Action<MigrationHostBuilder>, TestHost> create)
    {
        await using var host = create(builder =>
        {
            builder.Services.AddDbContext<ManyContext>(options);
            builder.AddEntityFramework<ManyContext>();
        });
        return await host.MigrateAsync();
    }

    // A stock replica may fail: it looks once at what is applied, and not again after it has waited.
    private static async Task<MigrationError?> MigrateStockAsync(Action<DbContextOptionsBuilder> configure)
    {
        var options = new DbContextOptionsBuilder<ManyContext>();
        configure(options);
        await using var context = new ManyContext(options.Options);
        try
        {
            await context.Database.MigrateAsync();
        }
        catch (Exception e) when (e is DbException or DbUpdateException or InvalidOperationException)
        {
            return null;
        }
        return null;
    }
}
