using System.Net.Sockets;
using Npgsql;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>
/// What the server's error codes mean for a run, and what to do about them.
/// <see href="https://www.postgresql.org/docs/current/errcodes-appendix.html"/>
/// </summary>
internal static class PostgreSqlErrors
{
    private const string IdleInTransactionTimeout = "25P03";
    private const string IdleSessionTimeout = "57P05";

    // Classes of errors: about connections of the server's own and programs that it runs, about values, and about rows.
    private const string ConnectionException = "08";
    private const string ExternalRoutineException = "38";
    private const string DataException = "22";
    private const string ConstraintViolation = "23";
    private const string CheckOptionViolation = "44";

    // The part of the server that refuses SET TRANSACTION and its like.
    private const string CheckOfSetting = "_check_hook";

    private static readonly string[] PoolerIsFull = ["no more connections allowed", "query_wait_timeout", "too many"];
    private static readonly string[] PoolerHasNoServer =
        ["server login", "connect to server", "server_login_retry", "server conn", "shutting down"];

    /// <summary>What a run waits for after a connection was refused; null if waiting would not help.</summary>
    /// <param name="target">The database, in words.</param>
    /// <param name="e">Why it was refused.</param>
    /// <param name="user">The role of the connection string; null if it names none.</param>
    public static Unavailable? NotUpYet(string target, Exception e, string? user = null) => e switch
    {
        PostgresException server => NotUpYet(target, server, user),
        UnansweredException => NoneFree(target, e.Message),
        ConnectionLostException { Remedy: { } remedy } => new Unavailable($"{target} to come up", e.Message, remedy),
        ConnectionLostException or TimeoutException => Down(target, e.Message),
        NpgsqlException { InnerException: SocketException or IOException or TimeoutException } => Down(target, e.InnerException.Message),
        NpgsqlException { InnerException: null } when !HasNoPassword(e) && !HasNoTls(e) => Down(target, e.Message),
        _ => null,
    };

    /// <summary>A standby takes no migrations before it is promoted.</summary>
    public static Unavailable Standby(string target) => new(
        $"{target} to be promoted",
        "it is a standby, which can be read only",
        "Point the connection string at the primary, or name all hosts in it: Host=db1,db2");

    /// <summary>The server is there, and waiting would not change its answer.</summary>
    public static MigrationException Refused(PostgreSqlSettings settings, Exception e) => new(new MigrationError
    {
        Code = MigrationErrorCode.DatabaseUnreachable,
        Message = $"{settings.Target} refused the connection: {MessageOf(e)}",
        Hint = (e as PostgresException)?.SqlState switch
        {
            PostgresErrorCodes.InvalidPassword => "Check Username and Password of the connection string.",
            PostgresErrorCodes.InvalidAuthorizationSpecification =>
                "Check Username of the connection string, and the server's pg_hba.conf.",
            PostgresErrorCodes.InsufficientPrivilege =>
                $"Grant it: grant connect on database {DatabaseOf(settings.Target)} to {settings.User}",
            PostgresErrorCodes.ProtocolViolation when MessageOf(e).Contains("startup parameter", StringComparison.Ordinal) =>
                "PgBouncer: name it in ignore_startup_parameters, or leave it out of the connection string. "
                + "What a pooler swallows is set once more in each session.",
            _ when HasNoPassword(e) =>
                "Write Password into the connection string, or a line for it into the passfile (Passfile, PGPASSFILE or ~/.pgpass).",
            _ when HasNoTls(e) => "Switch TLS on there (ssl = on), or write SSL Mode=Prefer into the connection string to do without.",
            _ => (e as PostgresException)?.Hint ?? "Check the connection string and the server's log.",
        },
    }, e);

    // The driver has no code for it: it has found no password in the string, the environment and the passfile.
    private static bool HasNoPassword(Exception e) =>
        e is NpgsqlException and not PostgresException && e.Message.StartsWith("No password has been provided", StringComparison.Ordinal);

    // Nor for a server that speaks no TLS.
    private static bool HasNoTls(Exception e) =>
        e is NpgsqlException and not PostgresException && e.Message.StartsWith("SSL connection requested.", StringComparison.Ordinal);

    /// <summary>The server does not let us do what every run needs: read the history, lock the turn.</summary>
    public static MigrationException Unusable(string target, PostgresException e) => PoolerCheck.IsRefusal(e)
        ? PoolerCheck.Refused(target)
        : new(new MigrationError
        {
            Code = MigrationErrorCode.DatabaseUnreachable,
            Message = $"{target} cannot be used: {e.MessageText}",
            Hint = HintFor(e),
        }, e);

    /// <summary>Whether the connection is gone, for whatever reason.</summary>
    public static bool IsLost(Exception e) => e switch
    {
        PostgresException server => server.SqlState is PostgresErrorCodes.AdminShutdown
            or PostgresErrorCodes.CrashShutdown
            or PostgresErrorCodes.CannotConnectNow
            or IdleInTransactionTimeout
            or IdleSessionTimeout,
        NpgsqlException { InnerException: IOException or SocketException or TimeoutException or ObjectDisposedException or null } => true,
        ObjectDisposedException or InvalidOperationException => true,
        _ => false,
    };

    /// <summary>Whether another session's lock or transaction was in the way, so that the same may succeed later.</summary>
    public static bool IsInTheWay(PostgresException e) => e.SqlState switch
    {
        PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure => true,

        // Two sessions create or change the same object (a function, a role, a schema) at the same moment, without a lock that the second
        // could wait for. What was there before has a code of its own.
        PostgresErrorCodes.InternalError => e.Routine is "simple_heap_update" or "simple_heap_delete",
        PostgresErrorCodes.UniqueViolation => e.SchemaName == "pg_catalog",
        _ => false,
    };

    /// <summary>Whether a statement of our own may be sent again: the same, or somebody has cancelled it.</summary>
    public static bool MayBeSentAgain(PostgresException e) => IsInTheWay(e) || e.SqlState == PostgresErrorCodes.QueryCanceled;

    /// <summary>Whether what a statement creates is there already, or what it drops is gone.</summary>
    public static bool IsDoneAlready(PostgresException e) =>
        e.SqlState is PostgresErrorCodes.DuplicateDatabase or PostgresErrorCodes.DuplicateTable or PostgresErrorCodes.DuplicateObject
            or PostgresErrorCodes.InvalidCatalogName or PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedObject;

    public static string MessageOf(Exception e) =>
        e is PostgresException server ? server.MessageText
        : e.InnerException is { } inner && inner.Message != e.Message ? $"{e.Message}: {inner.Message}"
        : e.Message;

    /// <summary>What the server says of a statement of a script, without the words of that and without values of rows.</summary>
    /// <param name="e">The error.</param>
    /// <param name="before">The statement up to the place that the server points at.</param>
    public static string OfScript(PostgresException e, ReadOnlySpan<char> before = default) => e.SqlState[..2] switch
    {
        _ when e.SqlState == PostgresErrorCodes.SyntaxError => Joined(
            QuotedText.IsBeforePassword(before) ? QuotedText.Hidden(e.MessageText, QuotedText.AnyQuote)
                : QuotedText.OneWord(e.MessageText, QuotedText.AnyQuote),
            QuotedText.Hidden(e.Detail ?? "", QuotedText.AnyQuote)),
        DataException or ConnectionException or ExternalRoutineException => Joined(
            QuotedText.HiddenToEnd(e.MessageText, QuotedText.AnyQuote), QuotedText.Hidden(e.Detail ?? "", QuotedText.AnyQuote)),
        ConstraintViolation or CheckOptionViolation => Joined(e.MessageText, QuotedText.WithoutRow(e.Detail ?? "")),
        _ => Verbatim(e),
    };

    /// <summary>The same, as the server has said it.</summary>
    public static string Verbatim(PostgresException e) => Joined(e.MessageText, e.Detail);

    /// <summary>What helps against an error: what the server itself advises, else what is known of its cause; null for any other.</summary>
    public static string? HintFor(PostgresException e) => e.Hint ?? e.SqlState switch
    {
        PostgresErrorCodes.ActiveSqlTransaction when e.Routine?.EndsWith(CheckOfSetting, StringComparison.Ordinal) is true =>
            "Remove it: MigrationHost begins the transaction itself, READ COMMITTED, and has asked something in it already.",
        PostgresErrorCodes.ActiveSqlTransaction =>
            "Put it into a migration of its own whose first line is: -- migrationhost: transaction=none",
        PostgresErrorCodes.InvalidTransactionTermination =>
            "A procedure or DO block that commits cannot run in a transaction: "
                + "put it into a migration of its own whose first line is: -- migrationhost: transaction=none",
        PostgresErrorCodes.DiskFull => "Free some space on the server's disk and start again.",
        PostgresErrorCodes.InsufficientPrivilege =>
            "Grant the role of the connection string what the statement needs, or make it the owner.",
        PostgresErrorCodes.QueryCanceled => "Another session cancelled it on the server, or the server's statement_timeout did.",
        _ => null,
    };

    /// <summary>Two pieces of advice, of which the first may be missing.</summary>
    public static string Join(string? first, string then) => first is null ? then : $"{first.TrimEnd('.')}. {then}";

    private static Unavailable? NotUpYet(string target, PostgresException e, string? user) => e.SqlState switch
    {
        PostgresErrorCodes.TooManyConnections => NoneFree(target, e.MessageText),
        PostgresErrorCodes.ProtocolViolation when Says(e, PoolerIsFull) => NoneFree(target, e.MessageText),
        PostgresErrorCodes.ProtocolViolation when Says(e, PoolerHasNoServer) => Down(target, e.MessageText),
        PostgresErrorCodes.InvalidCatalogName =>
            new Unavailable($"{target} to be created", e.MessageText, $"Create it there, as a superuser: {Creating(target, user)}"),
        PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown =>
            Down(target, e.MessageText),

        // While the session is set up.
        PostgresErrorCodes.QueryCanceled => new Unavailable($"{target} to answer", e.MessageText, HintFor(e)!),
        _ => null,
    };

    // Who does not own it may not create a table in it.
    private static string Creating(string target, string? owner) =>
        $"create database {PostgreSqlName.Quoted(DatabaseOf(target))}{(owner is null ? "" : $" owner {PostgreSqlName.Quoted(owner)}")}";

    private static Unavailable Down(string target, string why) => new(
        $"{target} to come up", why, "Start the server, or correct Host and Port of the connection string; check the network between.");

    private static Unavailable NoneFree(string target, string why) => new(
        $"a free connection on {target}",
        why,
        "Close connections, or raise the limit: max_connections of the server, CONNECTION LIMIT of the role or database, "
            + "the size of a pooler's pool. A run needs two sessions, and a third one for a moment.");

    private static string Joined(string message, string? detail) => string.IsNullOrEmpty(detail) ? message : $"{message} ({detail})";

    private static bool Says(PostgresException e, string[] words) =>
        Array.Exists(words, word => e.MessageText.Contains(word, StringComparison.OrdinalIgnoreCase));

    private static string DatabaseOf(string target) => target.Split('/')[^1];
}
