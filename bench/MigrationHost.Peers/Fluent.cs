using FluentMigrator.Runner;

namespace MigrationHost.Peers;

/// <summary>FluentMigrator's runner in the process, with its defaults.</summary>
internal static class Fluent
{
    public static void Migrate(Work work)
    {
        var services = new ServiceCollection().AddFluentMigratorCore().ConfigureRunner(runner =>
            (work.IsSqlite ? runner.AddSQLite() : runner.AddPostgres()).WithGlobalConnectionString(work.ConnectionString));
        if (!work.Quiet)
            services.AddLogging(logging => logging.AddFluentMigratorConsole());
        services.AddScoped<IMigrationInformationLoader>(_ => new FluentSet(work));
        using var provider = services.BuildServiceProvider();
        using var scope = provider.CreateScope();
        scope.ServiceProvider.GetRequiredService<IMigrationRunner>().MigrateUp();
    }
}
