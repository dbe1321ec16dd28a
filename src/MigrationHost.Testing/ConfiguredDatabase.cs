using MigrationHost.Hosting;
using Microsoft.Extensions.Configuration;

namespace MigrationHost.Testing;

/// <summary>An entry of the application's settings.</summary>
internal static class ConfiguredDatabase
{
    private static readonly OptionsReader Reader =
        new(new ProviderRegistry(KnownKinds.Providers), new EngineRegistry(KnownKinds.Engines));

    /// <exception cref="MigrationException">The settings are wrong, or tests cannot be served from them.</exception>
    public static DatabaseOptions Read(IConfiguration configuration, string name)
    {
        var all = new MigrationHostOptions();
        Reader.Read(configuration, all);
        Reader.Complete(configuration, all);
        if (all.Problems.Count > 0)
            throw Failures.InvalidConfiguration(string.Join(Environment.NewLine, all.Problems));
        if (!all.Databases.TryGetValue(name, out var options))
        {
            throw Failures.InvalidConfiguration(
                $"MigrationHost:Databases has no such entry{NearestName.Suggest(name, [.. all.Databases.Keys])}");
        }
        if (options.Engine != EngineKind.Sql)
        {
            throw Failures.InvalidConfiguration(
                $"MigrationHost:Databases:{name}: test databases are made by the engine Sql, not by {options.Engine}");
        }
        return options.ConnectionString is not null ? options
            : throw Failures.InvalidConfiguration($"MigrationHost:Databases:{name}:ConnectionString: is missing");
    }
}
