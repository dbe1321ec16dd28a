using MigrationHost.Databases;
using MigrationHost.Databases.PostgreSql;
using MigrationHost.Databases.Sqlite;
using MigrationHost.Engines;
using MigrationHost.Running;

namespace MigrationHost.EntityFramework;

/// <summary>The database of a context, and the engine for it: where migrations come from and how the history is kept is the context's
/// affair, everything else is done as for files.</summary>
internal sealed class ContextDatabase(string name, ContextSource source, TimeProvider time) : IRegisteredDatabase
{
    private readonly Lazy<ContextHistory> _history = new(() => source.With(context => new ContextHistory(context)));

    public string Name => name;

    public string HistoryTable => _history.Value.Table;

    public IMigrationDatabase CreateDatabase(DatabaseOptions options, Timeouts timeouts)
    {
        var (connections, history) = (new ContextConnections(source), _history.Value);
        return options.Provider == DatabaseProvider.PostgreSql
            ? new PostgreSqlDatabase(
                name, PostgreSqlSettings.Read(options.ConnectionString!, [])!, history, timeouts, options.ShowStatements, time)
            {
                OpenConnection = connections.OpenAsync,
                CreateDatabase = connections.CreateDatabaseAsync,
            }
            : new SqliteDatabase(
                name,
                SqliteSettings.Read(options.ConnectionString!, Directory.GetCurrentDirectory(), [])!,
                history,
                options.ShowStatements,
                time)
            {
                OpenConnection = connections.Open,
                ForeignTurn = new SqliteForeignTurn("EF Core", "__EFMigrationsLock", "Timestamp"),
                Created = ContextConnections.PrepareNewFile,
            };
    }

    public IMigrationEngine CreateEngine(EngineSetup setup) => new SqlEngine(
        setup.Database,
        new ContextMigrations(source, setup.Options.PendingModelChanges),
        SqlRules.Of(setup),
        setup.Time,
        setup.Logger)
    {
        After = new ContextSeeding(source),
    };
}
