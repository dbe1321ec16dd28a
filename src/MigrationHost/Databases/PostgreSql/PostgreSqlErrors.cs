using System.Net.Sockets;
using Npgsql;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>What the server's error codes mean for a run, and what to do about them. <see href="https://www.postgresql.org/docs/current/errcodes-appendix.html"/></summary>
internal static class PostgreSqlErrors
{
    private const string IdleInTransactionTimeout = "25P03";
    private const string IdleSessionTimeout = "57P05";

    /// <summary>Why a server that refused a connection is not up yet; null where waiting would not help.</summary>
    public static string? NotUpYet(Exception e) => e switch
    {
        PostgresException { SqlState: PostgresErrorCodes.CannotConnectNow } starting => starting.MessageText,
        PostgresException { SqlState: PostgresErrorCodes.TooManyConnections } full => full.MessageText,
        PostgresException { SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown } down => down.MessageText,
        PostgresException => null,
        NpgsqlException { InnerException: SocketException or IOException or TimeoutException } network => network.InnerException!.Message,
        NpgsqlException { InnerException: null } network => network.Message,
        TimeoutException timeout => timeout.Message,
        _ => null,
    };

    /// <summary>The server is there, and waiting would not change its answer.</summary>
    public static MigrationException Refused(PostgreSqlSettings settings, Exception e) => new(new MigrationError
    {
        Code = MigrationErrorCode.DatabaseUnreachable,
        Message = $"{settings.Target} refused the connection: {MessageOf(e)}",
        Hint = (e as PostgresException)?.SqlState switch
        {
            PostgresErrorCodes.InvalidPassword => "Check Username and Password of the connection string.",
            PostgresErrorCodes.InvalidAuthorizationSpecification => "Check Username of the connection string, and the server's pg_hba.conf.",
            PostgresErrorCodes.InvalidCatalogName => $"Create it: createdb {settings.Target.Split('/')[^1]}",
            PostgresErrorCodes.InsufficientPrivilege => $"Grant it: grant connect on database {settings.Target.Split('/')[^1]} to {settings.User}",
            _ => "Check the connection string and the server's log.",
        },
    }, e);

    /// <summary>The server does not let us do what every run needs: read the history, lock the turn.</summary>
    public static MigrationException Unusable(string target, PostgresException e) => PoolerCheck.IsRefusal(e) ? PoolerCheck.Refused(target) : new(new MigrationError
    {
        Code = MigrationErrorCode.DatabaseUnreachable,
        Message = $"{target} cannot be used: {e.MessageText}",
        Hint = HintFor(e),
    }, e);

    /// <summary>A standby takes no migrations.</summary>
    public static MigrationException ReadOnly(string target) => new(new MigrationError
    {
        Code = MigrationErrorCode.DatabaseUnreachable,
        Message = $"{target} is a standby: it can be read only, and migrations are pending",
        Hint = "Point the connection string at the primary, or name all hosts in it: Host=db1,db2",
    });

    /// <summary>Whether the connection is gone, for whatever reason.</summary>
    public static bool IsLost(Exception e) => e switch
    {
        PostgresException { SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow or IdleInTransactionTimeout or IdleSessionTimeout } => true,
        PostgresException => false,
        NpgsqlException { InnerException: IOException or SocketException or TimeoutException or ObjectDisposedException or null } => true,
        ObjectDisposedException or InvalidOperationException => true,
        _ => false,
    };

    /// <summary>Whether somebody else's lock or transaction was in the way, so that the same may succeed later.</summary>
    public static bool IsInTheWay(PostgresException e) => e.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure;

    /// <summary>Whether what a statement creates is there already, or what it drops is gone.</summary>
    public static bool IsDoneAlready(PostgresException e) =>
        e.SqlState is PostgresErrorCodes.DuplicateDatabase or PostgresErrorCodes.DuplicateTable or PostgresErrorCodes.DuplicateObject
            or PostgresErrorCodes.InvalidCatalogName or PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedObject;

    public static string MessageOf(Exception e) => e is PostgresException server ? server.MessageText : e.InnerException is { } inner ? $"{e.Message}: {inner.Message}" : e.Message;

    /// <summary>What helps against an error that has a known cause; null for any other.</summary>
    public static string? HintFor(PostgresException e) => e.SqlState switch
    {
        PostgresErrorCodes.ActiveSqlTransaction => "Put it into a migration of its own whose first line is: -- migrationhost: transaction=none",
        PostgresErrorCodes.InvalidTransactionTermination => "A procedure or DO block that commits cannot run in a transaction: put it into a migration of its own whose first line is: -- migrationhost: transaction=none",
        PostgresErrorCodes.DiskFull => "Free some space on the server's disk and start again.",
        PostgresErrorCodes.InsufficientPrivilege => "Grant the role of the connection string what the statement needs, or make it the owner.",
        PostgresErrorCodes.QueryCanceled => "Somebody has cancelled it on the server, or a statement_timeout of the server did.",
        _ => e.Hint,
    };
}
