using Microsoft.Extensions.Configuration;

namespace MigrationHost;

/// <summary>Turns the configuration into options and collects every problem on the way, instead of stopping at the first.</summary>
internal static class OptionsReader
{
    private const string DatabaseUrl = "DATABASE_URL";

    public static void Read(IConfiguration configuration, MigrationHostOptions options)
    {
        var section = configuration.GetSection(MigrationHostOptions.SectionName);
        if (!string.IsNullOrWhiteSpace(section.Value))
            options.Problems.Add($"{section.Path}: a value was found where settings were expected");

        var reader = new SectionReader(section, section.Path, options.Problems);
        options.Startup = reader.Choice("Startup", options.Startup);
        options.ManagementUrl = reader.Text("ManagementUrl") ?? options.ManagementUrl;
        options.OnFailure = reader.Choice("OnFailure", options.OnFailure);
        options.RetryInterval = reader.Duration("RetryInterval") ?? options.RetryInterval;
        options.Status = reader.Choice("Status", options.Status);
        ReadTimeouts(reader.Section("Timeouts"), options.Timeouts);
        foreach (var (name, database) in reader.Databases("Databases"))
        {
            var shared = DatabaseName.IsUsable(name) ? $"ConnectionStrings:{name}" : null;
            options.Databases[name] = ReadDatabase(database, shared, configuration.GetConnectionString(name));
        }
        reader.Close();
    }

    /// <summary>Takes the address that platforms hand to a service, where nobody configures a database, in code neither.</summary>
    public static void ReadDatabaseUrl(IConfiguration configuration, MigrationHostOptions options)
    {
        if (options.Databases.Count == 0 && configuration[DatabaseUrl] is { } url && !string.IsNullOrWhiteSpace(url))
            options.Databases["app"] = new DatabaseOptions { ConnectionString = url, ConnectionStringSource = DatabaseUrl };
    }

    private static DatabaseOptions ReadDatabase(SectionReader reader, string? sharedName, string? shared)
    {
        var options = new DatabaseOptions { ConnectionString = reader.Text("ConnectionString") };
        if (options.ConnectionString is null)
            (options.ConnectionString, options.ConnectionStringSource) = (shared, sharedName);
        if (reader.Choice<DatabaseProvider>("Provider") is { } provider)
            options.Provider = provider;
        options.Engine = reader.Choice("Engine", options.Engine);
        options.Migrations = reader.Text("Migrations") ?? options.Migrations;
        options.Layout = reader.Choice("Layout", options.Layout);
        var history = reader.Section("History");
        options.History.Table = history.Text("Table");
        options.History.Schema = history.Text("Schema");
        history.Close();
        foreach (var (name, value) in reader.Variables("Placeholders"))
            options.Placeholders[name] = value;
        options.AllowEmpty = reader.Flag("AllowEmpty", options.AllowEmpty);
        options.AllowExistingTables = reader.Flag("AllowExistingTables", options.AllowExistingTables);
        if (reader.Has("Alembic"))
            options.Alembic = AlembicReader.Read(reader.Section("Alembic"));
        if (reader.Has("Command"))
            options.Command = CommandReader.Read(reader.Section("Command"));
        options.Isolation = reader.Choice("Isolation", options.Isolation);
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
        options.StallAfter = reader.Duration("StallAfter") ?? options.StallAfter;
        options.Grace = reader.Duration("Grace") ?? options.Grace;
        reader.Close();
    }
}
