using MigrationHost;
using Microsoft.EntityFrameworkCore;

namespace EfShop;

/// <summary>SQLite unless <c>ConnectionStrings:PostgreSql</c> is set. Each database has migrations of its own, so each has a context.</summary>
internal static class ShopServices
{
    private const string PostgreSql = "PostgreSql";

    public static void AddShop(this IServiceCollection services, IConfiguration configuration)
    {
        if (configuration.GetConnectionString(PostgreSql) is not { } server)
        {
            services.AddDbContext<ShopContext>(options => options.UseSqlite(configuration.GetConnectionString("Shop") ?? "Data Source=shop.db"));
            return;
        }
        services.AddDbContext<ShopOnPostgreSqlContext>(options => options.UseNpgsql(server));
        services.AddScoped<ShopContext>(provider => provider.GetRequiredService<ShopOnPostgreSqlContext>());
    }

    public static void AddShopMigrations(this MigrationHostBuilder builder, IConfiguration configuration)
    {
        if (configuration.GetConnectionString(PostgreSql) is null)
            builder.AddEntityFramework<ShopContext>("shop");
        else
            builder.AddEntityFramework<ShopOnPostgreSqlContext>("shop");
    }
}
