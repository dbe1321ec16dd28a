using MigrationHost.Databases.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace MigrationHost.EntityFramework;

/// <summary>Opens connections as the context would: its interceptors see each.</summary>
internal sealed class ContextConnections(ContextSource source)
{
    /// <summary>A new file gets the journal mode that EF Core gives it, unless another process has made it.</summary>
    public static void PrepareNewFile(RawSqlite sqlite) => sqlite.TryExecute("PRAGMA journal_mode = 'wal'");

    /// <summary>Opens a connection like the context's, with another connection string: it has the password that the context's has, also one
    /// that a data source gets anew from time to time.</summary>
    public Task<NpgsqlConnection> OpenAsync(string connectionString, CancellationToken cancellationToken) => source.WithAsync(
        context => OpenAsync(context, connectionString, cancellationToken));

    /// <summary>Creates the context's database, as EF Core does.</summary>
    public Task CreateDatabaseAsync(CancellationToken cancellationToken) => source.WithAsync(async context =>
    {
        await context.GetService<IRelationalDatabaseCreator>().CreateAsync(cancellationToken).ConfigureAwait(false);
        return true;
    });

    public void Open(SqliteConnection connection) => source.With(context =>
    {
        new ConnectionInterception(context, connection).Open();
        return true;
    });

    private static async Task<NpgsqlConnection> OpenAsync(DbContext context, string connectionString, CancellationToken cancellationToken)
    {
        var own = (NpgsqlConnection)context.Database.GetDbConnection();
        var connection = await own.CloneWithAsync(connectionString, cancellationToken).ConfigureAwait(false);
        try
        {
            await new ConnectionInterception(context, connection).OpenAsync(cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch (Exception)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
