using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Migrations;

namespace MigrationHost.Peers;

/// <summary>Entity Framework Core's own Migrate.</summary>
internal static class EfCore
{
    public static void Migrate(Work work)
    {
        var options = new DbContextOptionsBuilder();
        if (work.IsSqlite)
            options.UseSqlite(work.ConnectionString);
        else
            options.UseNpgsql(work.ConnectionString);
        if (!work.Quiet)
            options.LogTo(Console.WriteLine, [DbLoggerCategory.Migrations.Name], LogLevel.Information);
        EfCoreSet.Use(work);
        options.ReplaceService<IMigrationsAssembly, EfCoreSet>();
        using var context = new DbContext(options.Options);
        context.Database.Migrate();
    }
}
