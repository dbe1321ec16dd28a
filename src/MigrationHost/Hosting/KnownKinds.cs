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
    public static IReadOnlyList<IProviderDescriptor> Providers { get; } =
        [new SqliteDescriptor(), new PostgreSqlDescriptor(), new MySqlDescriptor()];

    public static IReadOnlyList<IEngineDescriptor> Engines { get; } =
        [new SqlDescriptor(), new AlembicDescriptor(), new CommandDescriptor()];

    public static IServiceCollection AddKnownKinds(this IServiceCollection services)
    {
        services.TryAddSingleton<ProviderRegistry>();
        services.TryAddSingleton<EngineRegistry>();
        foreach (var provider in Providers)
            services.TryAddEnumerable(ServiceDescriptor.Singleton(provider));
        foreach (var engine in Engines)
            services.TryAddEnumerable(ServiceDescriptor.Singleton(engine));
        return services;
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
