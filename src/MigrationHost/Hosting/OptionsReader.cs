using Microsoft.Extensions.Configuration;

namespace MigrationHost.Hosting;

/// <summary>Turns the configuration into options and collects every problem on the way, instead of stopping at the first.</summary>
internal sealed class OptionsReader(ProviderRegistry providers, EngineRegistry engines)
{
    public const string DatabaseUrl = "DATABASE_URL";

    public void Read(IConfiguration configuration, MigrationHostOptions options)
    {
        var section = configuration.GetSection(MigrationHostOptions.SectionName);
        if (!string.IsNullOrWhiteSpace(section.Value))
            options.Problems.Add($"{section.Path}: a value was found where settings were expected");

        options.Problems.AddRange(Misspelt(configuration));
        var reader = new SectionReader(section, section.Path, options.Problems);
        options.Startup = reader.Choice("Startup", options.Startup);
        options.ManagementUrl = reader.Text("ManagementUrl") ?? options.ManagementUrl;
        options.OnFailure = reader.Choice("OnFailure", options.OnFailure);
        options.RetryInterval = reader.Duration("RetryInterval") ?? options.RetryInterval;
        options.MaxParallel = reader.Number("MaxParallel", options.MaxParallel);
        options.Status = reader.Choice("Status", options.Status);
        options.Log = reader.Choice("Log", options.Log);
        options.Metrics = reader.Choice("Metrics", options.Metrics);
        ReadTimeouts(reader.Section("Timeouts"), options.Timeouts);
        foreach (var (name, database) in reader.Databases("Databases"))
        {
            var shared = DatabaseName.IsUsable(name) ? $"ConnectionStrings:{name}" : null;
            options.Databases[name] = ReadDatabase(database, shared, configuration.GetConnectionString(name));
        }
        reader.Close();
    }

    /// <summary>
    /// Fills in what neither the configuration nor code says: the address that platforms hand to a service if there is no database,
    /// and the provider that a connection string means.
    /// </summary>
    public void Complete(IConfiguration configuration, MigrationHostOptions options)
    {
        var url = configuration[DatabaseUrl];
        options.IgnoresDatabaseUrl = options.Databases.Count > 0 && !string.IsNullOrWhiteSpace(url);
        if (options.Databases.Count == 0 && !string.IsNullOrWhiteSpace(url))
            options.Databases["app"] = new DatabaseOptions { ConnectionString = url, ConnectionStringSource = DatabaseUrl };
        foreach (var database in options.Databases.Values)
            database.Provider ??= providers.MeantBy(database.ConnectionString) ?? DatabaseProvider.Sqlite;
    }

    // What nobody reads would be missed silently, and another source's database be migrated in its place.
    private static IEnumerable<string> Misspelt(IConfiguration configuration)
    {
        const string name = MigrationHostOptions.SectionName;
        foreach (var section in configuration.GetChildren().Where(section => !section.Key.Equals(name, StringComparison.OrdinalIgnoreCase)))
        {
            if (NearestName.IsNear(section.Key, name) && section.GetChildren().Any())
                yield return $"{section.Key}: is not a section of settings; did you mean '{name}'?";
            if (section.Key.StartsWith($"{name}_Databases_", StringComparison.OrdinalIgnoreCase))
                yield return $"{name}_Databases_…: is not a setting; two underscores stand between its parts: {name}__Databases__";
        }
    }

    private DatabaseOptions ReadDatabase(SectionReader reader, string? sharedName, string? shared)
    {
        var options = new DatabaseOptions { ConnectionString = reader.Text("ConnectionString") };
        if (options.ConnectionString is null)
            (options.ConnectionString, options.ConnectionStringSource) = (shared, sharedName);
        options.Provider = reader.Choice(nameof(options.Provider), providers.Choices, options.Refused);
        options.Engine = reader.Choice(nameof(options.Engine), engines.Choices, options.Refused) ?? options.Engine;
        foreach (var engine in engines.All)
            engine.Read(reader, options);
        options.ShowStatements = reader.Flag("ShowStatements", options.ShowStatements);
        ReadTimeouts(reader.Section("Timeouts"), options.Timeouts);
        reader.Close();
        return options;
    }

    private static void ReadTimeouts(SectionReader reader, TimeoutOptions options)
    {
        options.DatabaseWait = reader.Duration("DatabaseWait") ?? options.DatabaseWait;
        options.Turn = reader.Duration("Turn") ?? options.Turn;
        options.Lock = reader.Duration("Lock") ?? options.Lock;
        options.LockAttempt = reader.Duration("LockAttempt") ?? options.LockAttempt;
        options.Migration = reader.Duration("Migration") ?? options.Migration;
        options.Seeding = reader.Duration("Seeding") ?? options.Seeding;
        options.StallAfter = reader.Duration("StallAfter") ?? options.StallAfter;
        options.Grace = reader.Duration("Grace") ?? options.Grace;
        reader.Close();
    }
}
