using MigrationHost.Databases;
using MigrationHost.Databases.MySql;
using MigrationHost.Databases.PostgreSql;
using MigrationHost.Databases.Sqlite;
using MigrationHost.Engines;
using MigrationHost.Engines.Alembic;
using MigrationHost.Engines.Command;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace MigrationHost.Hosting;

/// <summary>The kinds of databases and the engines that there are: another one is one more line here.</summary>
internal static class KnownKinds
{
    public static IServiceCollection AddKnownKinds(this IServiceCollection services)
    {
        services.TryAddSingleton<ProviderRegistry>();
        services.TryAddSingleton<EngineRegistry>();
        return services
            .AddProvider<SqliteDescriptor>()
            .AddProvider<PostgreSqlDescriptor>()
            .AddProvider<MySqlDescriptor>()
            .AddEngine<SqlDescriptor>()
            .AddEngine<AlembicDescriptor>()
            .AddEngine<CommandDescriptor>();
    }

    public static IServiceCollection AddProvider<T>(this IServiceCollection services) where T : class, IProviderDescriptor =>
        Add<IProviderDescriptor, T>(services);

    public static IServiceCollection AddEngine<T>(this IServiceCollection services) where T : class, IEngineDescriptor =>
        Add<IEngineDescriptor, T>(services);

    // Only once: AddMigrationHost may be called again.
    private static IServiceCollection Add<TDescriptor, T>(IServiceCollection services)
        where TDescriptor : class
        where T : class, TDescriptor
    {
        services.TryAddEnumerable(ServiceDescriptor.Singleton<TDescriptor, T>());
        return services;
    }
}
