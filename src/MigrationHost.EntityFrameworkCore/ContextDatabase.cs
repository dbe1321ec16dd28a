using MigrationHost.Databases;
using MigrationHost.Databases.PostgreSql;
using MigrationHost.Databases.Sqlite;
using MigrationHost.Engines;
using MigrationHost.Running;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace MigrationHost.EntityFramework;

/// <summary>The database of a context, and the engine for it: where migrations come from and how the history is kept is the context's
/// affair, everything else is done as for files.</summary>
internal sealed class ContextDatabase(string name, ContextSource source) : IRegisteredDatabase
{
    private readonly Lazy<ContextHistory> _history = new(
        () => source.With(context => new ContextHistory(context)), LazyThreadSafetyMode.PublicationOnly);

    public string Name => name;

    public string HistoryTable => _history.Value.Table;

    public IMigrationDatabase Create(DatabaseSetup setup)
    {
        // The context could not be made yet.
        if (setup.ConnectionString is null)
            return new OtherDatabase(name, source, _history, setup.Time);
        var (connections, history) = (new ContextConnections(source), _history.Value);
        return source.With(context => context.Database.GetDbConnection()) switch
        {
            SqliteConnection => new SqliteDatabase(
                name, SqliteSettings.Read(setup.ConnectionString, setup.ContentRoot, [])!, history, setup.ShowStatements, setup.Time)
            {
                OpenConnection = connections.Open,
                ForeignTurn = new SqliteForeignTurn("EF Core", "__EFMigrationsLock", "Timestamp"),
                Created = ContextConnections.PrepareNewFile,
            },
            NpgsqlConnection => new PostgreSqlDatabase(
                name, PostgreSqlSettings.Read(setup.ConnectionString, [])!, history, setup.Timeouts, setup.ShowStatements, setup.Time)
            {
                OpenConnection = connections.OpenAsync,
                CreateDatabase = connections.CreateDatabaseAsync,
            },
            _ => new OtherDatabase(name, source, _history, setup.Time) { Place = source.With(OtherPlace.Of) },
        };
    }

    public IMigrationEngine CreateEngine(EngineSetup setup)
    {
        var migrations = new ContextMigrations(source, setup.Options.PendingModelChanges);
        return new SqlEngine(setup.Database, migrations, SqlRules.Of(setup), setup.Time, setup.Logger)
        {
            Before = new ContextWait(source, setup.Options.ConnectionString is null).UntilMadeAsync,
            Leftovers = setup.Options.Provider == DatabaseProvider.Sqlite ? ContextLeftovers.Find : null,
            After = setup.Options.CallMigrate ? null : new ContextSeeding(source),
            Foreign = setup.Options.CallMigrate ? new ContextMigrator(source, setup.Time, setup.Logger) : null,
        };
    }
}
