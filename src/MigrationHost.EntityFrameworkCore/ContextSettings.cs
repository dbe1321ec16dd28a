using MigrationHost.Databases;
using MigrationHost.Hosting;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.Configuration;
using Npgsql;

namespace MigrationHost.EntityFramework;

/// <summary>The entry of a context among the settings: limits from the configuration, the database from the context.</summary>
internal sealed class ContextSettings(ContextEntry entry, IConfiguration configuration, Action<EntityFrameworkOptions>? configure)
{
    private const string NeedsState =
        "it, or a service that it is made with, needs IMigrationState, which needs the contexts. Let that service take IServiceProvider "
            + "and ask it for IMigrationState when it is used";

    // The settings are made on the thread that asks for them, and what a context needs on the same one.
    [ThreadStatic]
    private static bool _isLocating;

    /// <summary>Settings that say what the context says.</summary>
    private static readonly string[] OfTheContext =
        ["ConnectionString", "Provider", "Engine", "Migrations", "Layout", "History", "Placeholders", "Isolation", "Alembic", "Command"];

    private string Path => $"{MigrationHostOptions.SectionName}:Databases:{entry.Name}";

    private string Call => $"AddEntityFramework<{entry.Type.Name}>";

    public void Apply(MigrationHostOptions options, ContextSource source)
    {
        var database = options.Databases.TryGetValue(entry.Name, out var configured) ? configured : new DatabaseOptions();
        options.Problems.AddRange(
            from key in OfTheContext
            where configuration.GetSection($"{Path}:{key}").Exists()
            select $"{Path}:{key}: is not for a context: {Call} takes it from the context. Remove it");
        (database.Engine, database.RegisteredAs) = (EngineKind.EntityFramework, entry.Name);
        Configure(database);
        if (DesignTimeHost.Tool is null)
            Locate(database, source, options.Problems);
        PutLast(options.Databases, database);
    }

    private void Configure(DatabaseOptions database)
    {
        var own = new EntityFrameworkOptions
        {
            PendingModelChanges = database.PendingModelChanges,
            CallMigrate = database.CallMigrate,
            AllowEmpty = database.AllowEmpty,
            AllowExistingTables = database.AllowExistingTables,
            ShowStatements = database.ShowStatements,
            Timeouts = database.Timeouts,
        };
        configure?.Invoke(own);
        (database.PendingModelChanges, database.CallMigrate) = (own.PendingModelChanges, own.CallMigrate);
        (database.AllowEmpty, database.AllowExistingTables, database.ShowStatements) =
            (own.AllowEmpty, own.AllowExistingTables, own.ShowStatements);
    }

    // The edge: making a context runs the application's code, which may throw anything. Settings that are wrong are all told at once.
    private void Locate(DatabaseOptions database, ContextSource source, List<string> problems)
    {
        database.ConnectionString = null;
        if (_isLocating)
            throw new InvalidOperationException(NeedsState);
        _isLocating = true;
        try
        {
            if (source.With(context => Locate(context, database)) is { } problem)
                problems.Add($"{Call}: {problem}");
        }
        catch (ConnectionLostException)
        {
            // It is waited for when it is needed. Until then nobody knows its provider: any can be left to EF Core.
            (database.Provider, database.CallMigrate) = (DatabaseProvider.Other, true);
        }
        catch (Exception e)
        {
            problems.Add($"{Call}: the context cannot be made: {Why(e)}");
        }
        finally
        {
            _isLocating = false;
        }
    }

    // What a driver says of a connection string that it does not understand quotes it, and with it half a password.
    private static string Why(Exception e) => e is ArgumentException or FormatException
        ? "its provider does not understand its connection string or another option of it, which is not shown: it may contain a secret"
        : e.Message;

    /// <summary>Why a context cannot be migrated by its own <c>Migrate</c>; null if it can.</summary>
    public static string? Problem(DbContext context) => Locate(context, new DatabaseOptions { CallMigrate = true });

    /// <returns>Why it cannot be migrated; null if it can.</returns>
    private static string? Locate(DbContext context, DatabaseOptions database)
    {
        if (!context.Database.IsRelational())
            return $"{context.Database.ProviderName} has no migrations; leave the context out, or give it a relational database";
        var relational = RelationalOptionsExtension.Extract(context.GetService<IDbContextOptions>());
        if (context.Database.CurrentTransaction is not null)
            return "the context has a transaction under way as soon as it is made; migrations run in transactions of their own";
        var connection = context.Database.GetDbConnection();
        if (relational.Connection is not null && connection.State != System.Data.ConnectionState.Closed)
            return "the context has a connection of your own that is open; give it one that is closed, or a connection string";
        if (string.IsNullOrWhiteSpace(connection.ConnectionString))
            return "the context has no connection string";
        database.Provider = connection switch
        {
            SqliteConnection => DatabaseProvider.Sqlite,
            NpgsqlConnection => DatabaseProvider.PostgreSql,
            _ => DatabaseProvider.Other,
        };
        database.CallMigrate |= database.Provider == DatabaseProvider.Other;
        if (!database.CallMigrate && Replaced(context) is { } service)
            return $"the context replaces {service}, which MigrationHost does not call: it runs the commands of migrations itself. "
                + "Set CallMigrate: true to have EF Core's own Migrate called, with what is replaced, or remove the replacement";
        database.ConnectionString = connection is SqliteConnection ? Rooted(connection.ConnectionString) : connection.ConnectionString;
        return null;
    }

    /// <returns>The service that the application has replaced of those that run migrations; null if it has none.</returns>
    private static string? Replaced(DbContext context)
    {
        IEnumerable<(string Name, object Service)> services =
        [
            (nameof(IMigrator), context.GetService<IMigrator>()),
            (nameof(IMigrationCommandExecutor), context.GetService<IMigrationCommandExecutor>()),
        ];
        string?[] known = [typeof(IMigrator).Assembly.GetName().Name, context.Database.ProviderName];
        return services.FirstOrDefault(one => !known.Contains(one.Service.GetType().Assembly.GetName().Name)).Name;
    }

    /// <remarks>For the driver relative paths count from elsewhere than for us.
    /// <see href="https://learn.microsoft.com/dotnet/standard/data/sqlite/connection-strings"/></remarks>
    private static string Rooted(string connectionString)
    {
        const string macro = "|DataDirectory|";
        var builder = new SqliteConnectionStringBuilder(connectionString);
        var (file, folder) = (builder.DataSource, AppContext.GetData("DataDirectory") as string ?? "");
        if (file.Length == 0 || file == ":memory:" || file.StartsWith("file:", StringComparison.OrdinalIgnoreCase))
            return connectionString;
        var relative = file.StartsWith(macro, StringComparison.OrdinalIgnoreCase) ? file[macro.Length..].TrimStart('/', '\\') : file;
        builder.DataSource = System.IO.Path.GetFullPath(System.IO.Path.Combine(folder, relative));
        return builder.ConnectionString;
    }

    // In the order of registration, behind what is configured. A dictionary keeps its order only as long as nothing is taken out.
    private void PutLast(IDictionary<string, DatabaseOptions> databases, DatabaseOptions database)
    {
        var others = databases.Where(other => !other.Key.Equals(entry.Name, StringComparison.OrdinalIgnoreCase)).ToList();
        databases.Clear();
        foreach (var (name, other) in others)
            databases[name] = other;
        databases[entry.Name] = database;
    }
}
