using System.Data.Common;
using System.Net.Sockets;
using MigrationHost.Databases.PostgreSql;
using Microsoft.Data.Sqlite;
using Npgsql;
using SQLitePCL;

namespace MigrationHost.EntityFramework;

/// <summary>What a driver throws in code of the application's. EF Core wraps it, more than once.</summary>
internal static class DriverErrors
{
    /// <summary>The driver's exception for a connection that is lost, or was not to be had; null if there is none.</summary>
    public static Exception? Lost(Exception? e) => e switch
    {
        null or PostgresException { SqlState: PostgresErrorCodes.QueryCanceled } => null,
        NpgsqlException { InnerException: not TimeoutException } when PostgreSqlErrors.IsLost(e) || IsNotUpYet(e) => e,
        _ => Lost(e.InnerException),
    };

    /// <summary>The driver's exception for a lock that another session has; null if there is none.</summary>
    public static Exception? Refused(Exception? e) => e switch
    {
        null => null,
        PostgresException server when PostgreSqlErrors.IsInTheWay(server) => e,
        SqliteException { SqliteErrorCode: raw.SQLITE_BUSY or raw.SQLITE_LOCKED } => e,
        _ => Refused(e.InnerException),
    };

    /// <summary>The exception for a command that has had no result in its time; null if there is none.</summary>
    public static Exception? TimedOut(Exception? e) => e switch
    {
        null => null,
        TimeoutException or PostgresException { SqlState: PostgresErrorCodes.QueryCanceled } => e,
        _ => TimedOut(e.InnerException),
    };

    /// <summary>Whether it says that the server is not there, or not yet. A file does not come up.</summary>
    public static bool SaysNotThere(Exception? e) => e switch
    {
        null or SqliteException => false,
        NpgsqlException => PostgreSqlErrors.IsLost(e) || IsNotUpYet(e),
        DbException or TimeoutException or SocketException => true,
        _ => SaysNotThere(e.InnerException),
    };

    private static bool IsNotUpYet(Exception e) => PostgreSqlErrors.NotUpYet("the server", e) is not null;
}
