using System.Data.Common;
using MigrationHost.Databases;
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
        try
        {
            await context.GetService<IRelationalDatabaseCreator>().CreateAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (IsOfTheApplication(e))
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw NotOpened(e);
        }
    });

    public void Open(SqliteConnection connection) => source.With(context =>
    {
        try
        {
            new ConnectionInterception(context, connection).Open();
            return true;
        }
        catch (Exception e) when (IsOfTheApplication(e))
        {
            throw NotOpened(e);
        }
    });

    private async Task<NpgsqlConnection> OpenAsync(DbContext context, string connectionString, CancellationToken cancellationToken)
    {
        var own = (NpgsqlConnection)context.Database.GetDbConnection();
        NpgsqlConnection? connection = null;
        try
        {
            connection = await own.CloneWithAsync(connectionString, cancellationToken).ConfigureAwait(false);
            await new ConnectionInterception(context, connection).OpenAsync(cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch (Exception e)
        {
            if (connection is not null)
                await connection.DisposeAsync().ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            if (IsOfTheApplication(e))
                throw NotOpened(e);
            throw;
        }
    }

    // An interceptor may throw anything, if the endpoint that it has its token from does not answer yet: also that it was cancelled.
    private static bool IsOfTheApplication(Exception e) => e is not (DbException or TimeoutException);

    private ConnectionLostException NotOpened(Exception e) => new($"{e.GetType().Name} while {source.Type.Name} opens it: {e.Message}", e)
    {
        Remedy = "It comes from a connection interceptor of the context, or from what gives it its password: see that this is answered.",
    };
}
