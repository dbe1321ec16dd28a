using System.Globalization;
using MigrationHost.EfApp.Shop;
using Microsoft.EntityFrameworkCore;

namespace MigrationHost.EfApp;

/// <summary>An application with a context of EF Core, migrated by MigrationHost or, with the setting <c>Stock</c>, by EF Core.</summary>
internal static class Application
{
    private static async Task<int> Main(string[] args)
    {
        if (args is [TestDatabases.Command, var count, var migrations, .. var server])
            return await TestDatabases.HoldAsync(int.Parse(count, CultureInfo.InvariantCulture), migrations, server);
        var builder = WebApplication.CreateBuilder(args);
        var connectionString = builder.Configuration.GetConnectionString("Shop");
        builder.Services.AddDbContext<ShopContext>(options => _ = (builder.Configuration["PostgreSql"] is null
            ? options.UseSqlite(connectionString)
            : options.UseNpgsql(connectionString)).AddInterceptors(KillBefore.Statement(builder.Configuration)));
        if (builder.Configuration["Stock"] is not null)
            return await MigrateAsync(builder.Build());

        var migrationHost = builder.Services.AddMigrationHost(builder.Configuration);
        if (connectionString is not null)
            migrationHost.AddEntityFramework<ShopContext>();
        var app = builder.Build();
        if (builder.Configuration["PlainRun"] is not null)
        {
            await app.RunAsync();
            return 0;
        }
        app.MapGet("/customers", (ShopContext shop) => shop.Customers.Select(customer => customer.Name));
        return await app.RunWithMigrationsAsync(args);
    }

    private static async Task<int> MigrateAsync(WebApplication app)
    {
        await using var scope = app.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<ShopContext>().Database.MigrateAsync();
        return 0;
    }
}
