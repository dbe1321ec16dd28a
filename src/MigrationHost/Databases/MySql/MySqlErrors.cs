using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using MySqlConnector;

namespace MigrationHost.Databases.MySql;

/// <summary>
/// What the server's error codes mean for a run, and what to do about them.
/// <see href="https://mariadb.com/kb/en/mariadb-error-code-reference/"/>,
/// <see href="https://dev.mysql.com/doc/mysql-errors/8.0/en/server-error-reference.html"/>
/// </summary>
internal static class MySqlErrors
{
    private const int LockNowait = 3572;
    private const int PasswordExpired = 1820;
    private const int PasswordExpiredAtLogin = 1862;
    private const int AccountLocked = 4151;
    private const int AccountLockedOnMySql = 3118;
    private const int ConnectionKilled = 1927;
    private const int DisconnectedForInactivity = 4031;
    private const int SnapshotChanged = 1020;
    private const int ReadOnlyMode = 1836;
    private const int NotOfGalera = 4165;
    private const string TempFileFailure = "Temp file write failure";

    // Duplicate entry '…' for key 'email'.
    private static readonly int[] QuotesRow = [1062, 1586, 1859];

    // Truncated incorrect value, incorrect value for a column or function, invalid characters, a variable's value, a too long string,
    // an expression out of range, a wrong time zone, invalid JSON; a value twice in ENUM, the connection string of a foreign table,
    // an option of a table or its value.
    private static readonly int[] QuotesValue =
        [1231, 1291, 1292, 1298, 1300, 1366, 1367, 1411, 1429, 1430, 1432, 1433, 1470, 1525, 1690, 1911, 1912, 3140, 3141];

    private const string NoSpaceLeft = "Errcode: 28 ";
    private const string FreeSpace = "Free some space on the server's disk and start again.";

    /// <summary>What a run waits for after a connection was refused; null if waiting would not help.</summary>
    /// <param name="target">The database, in words.</param>
    /// <param name="e">Why it was refused.</param>
    public static Unavailable? NotUpYet(string target, Exception e) => e switch
    {
        ConnectionLostException or TimeoutException => Down(target, e.Message),

        // The driver looks for a socket's file itself, and says so without a code. A server that starts makes it.
        MySqlException { ErrorCode: MySqlErrorCode.None } when target.StartsWith('/') => Down(target, e.Message),
        MySqlException server when IsOfTls(server) => null,
        MySqlException server => NotUpYet(target, server),
        _ => null,
    };

    /// <summary>A replica takes no migrations before it is promoted.</summary>
    public static Unavailable ReadOnly(string target) => new(
        $"{target} to take writes",
        "it is read only (read_only), as a replica is",
        "Point the connection string at the primary.");

    /// <summary>What answers there is not a server of this kind.</summary>
    public static MigrationException NotMySql(string target, MySqlProtocolException e) => new(new MigrationError
    {
        Code = MigrationErrorCode.DatabaseUnreachable,
        Message = $"{target} does not speak the protocol of MySQL and MariaDB: {e.Message}",
        Hint = "Correct Server and Port of the connection string: another service answers there, or a proxy breaks the connection.",
    }, e);

    /// <summary>The server is there, and waiting would not change its answer.</summary>
    public static MigrationException Refused(MySqlSettings settings, Exception e) => new(new MigrationError
    {
        Code = MigrationErrorCode.DatabaseUnreachable,
        Message = $"{settings.Target} refused the connection: {MessageOf(e)}",
        Hint = (e as MySqlException)?.ErrorCode switch
        {
            _ when IsOfTls(e) =>
                "The server's certificate is not trusted or is another host's, or a file of SslCa, SslCert or SslKey is missing: "
                    + "correct these, or SslMode.",
            MySqlErrorCode.AccessDenied =>
                "Check User ID and Password of the connection string, and for which hosts the account is made.",
            MySqlErrorCode.DatabaseAccessDenied =>
                $"Correct Database of the connection string; or create it, if it is not there, and grant it: "
                    + $"GRANT ALL ON {MySqlName.Quoted(settings.Database)}.* TO its account.",
            _ when (e as MySqlException)?.Number is PasswordExpired or PasswordExpiredAtLogin =>
                "The account's password has expired: ALTER USER … IDENTIFIED BY …, then put the new one into the connection string.",
            _ when (e as MySqlException)?.Number is AccountLocked or AccountLockedOnMySql => "Unlock it: ALTER USER … ACCOUNT UNLOCK.",
            MySqlErrorCode.HostIsBlocked => "FLUSH HOSTS on the server, once the cause of the broken connections is removed.",
            _ => "Check the connection string and the server's log.",
        },
    }, e);

    /// <summary>The server does not let us do what every run needs: read the history, lock the turn.</summary>
    public static MigrationException Unusable(string target, MySqlException e) => new(new MigrationError
    {
        Code = MigrationErrorCode.DatabaseUnreachable,
        Message = $"{target} cannot be used: {e.Message}",
        Hint = HintFor(e),
    }, e);

    /// <summary>
    /// Whether the connection is gone, for whatever reason, or leads to a server that has become a replica or has left its cluster:
    /// connecting again finds another one, or waits.
    /// </summary>
    public static bool IsLost(Exception e) => e switch
    {
        MySqlException server when IsReadOnly(server) || IsOutOfCluster(server) => true,
        MySqlException { Number: ConnectionKilled or DisconnectedForInactivity } => true,
        MySqlException { ErrorCode: MySqlErrorCode.ServerShutdown or MySqlErrorCode.UnableToConnectToHost } => true,
        MySqlException { InnerException: IOException or SocketException or ObjectDisposedException } => true,
        MySqlException { InnerException: MySqlException { Number: 0 } } => true,
        ObjectDisposedException or InvalidOperationException or EndOfStreamException => true,
        _ => false,
    };

    /// <summary>Whether another session's lock or transaction was in the way, so that the same may succeed later.</summary>
    public static bool IsInTheWay(MySqlException e) =>
        e.ErrorCode is MySqlErrorCode.LockWaitTimeout or MySqlErrorCode.LockDeadlock || e.Number is LockNowait or SnapshotChanged;

    public static bool IsMissingTable(MySqlException e) => e.ErrorCode == MySqlErrorCode.NoSuchTable;

    public static bool IsMissingColumn(MySqlException e) => e.ErrorCode == MySqlErrorCode.BadFieldError;

    /// <summary>Whether a right that we may do without is missing.</summary>
    public static bool IsDenied(MySqlException e) => e.ErrorCode
        is MySqlErrorCode.SpecifiedAccessDeniedError or MySqlErrorCode.TableAccessDenied or MySqlErrorCode.AccessDenied
            or MySqlErrorCode.DatabaseAccessDenied or MySqlErrorCode.ColumnAccessDenied;

    /// <summary>Whether a savepoint of ours is gone: what ran since has ended the transaction.</summary>
    public static bool IsMissingSavepoint(MySqlException e) => e.ErrorCode == MySqlErrorCode.StoredProcedureDoesNotExist;

    public static string MessageOf(Exception e) =>
        e is MySqlException { ErrorCode: MySqlErrorCode.UnableToConnectToHost, InnerException: SocketException socket } ? socket.Message
        : e.InnerException is { } inner && inner.Message != e.Message && e is not MySqlException { Number: > 0 }
            ? $"{e.Message.TrimEnd('.')}: {inner.Message}"
        : e.Message;

    /// <summary>What the server says of a statement of a script, without the words of that and without values of rows.</summary>
    /// <param name="code">The error's or warning's number.</param>
    /// <param name="message">Its text.</param>
    /// <param name="statement">The statement; empty if it is not known.</param>
    public static string OfScript(int code, string message, string statement = "") =>
        code == (int)MySqlErrorCode.ParseError
            ? BeginsAtPassword(message, statement) ? QuotedText.Hidden(message, "'") : QuotedText.OneWord(message, "'")
        : Array.IndexOf(QuotesRow, code) >= 0 ? QuotedText.HiddenBeforeName(message, '\'')
        : Array.IndexOf(QuotesValue, code) >= 0 ? QuotedText.Hidden(message, "'\"")
        : message;

    // A syntax error quotes the statement from where it is wrong.
    private static bool BeginsAtPassword(string message, string statement)
    {
        var (from, to) = (message.IndexOf('\'', StringComparison.Ordinal) + 1, message.LastIndexOf('\''));
        var at = to > from ? statement.IndexOf(message[from..to], StringComparison.Ordinal) : -1;
        return at > 0 && QuotedText.IsBeforePassword(statement.AsSpan(0, at));
    }

    /// <summary>What helps against an error; null for any other.</summary>
    public static string? HintFor(MySqlException e) => e.ErrorCode switch
    {
        MySqlErrorCode.QueryInterrupted =>
            "Another session ended it (KILL QUERY), or the server's max_statement_time or max_execution_time did.",
        MySqlErrorCode.DiskFull or MySqlErrorCode.RecordFileFull => FreeSpace,
        _ when e.Message.Contains(NoSpaceLeft, StringComparison.Ordinal)
            || e.Message.Contains(TempFileFailure, StringComparison.Ordinal) => FreeSpace,
        MySqlErrorCode.OptionPreventsStatement => "An option of the server forbids it: the message names it.",
        MySqlErrorCode.UserLimitReached => "Raise that limit of the account: ALTER USER … WITH MAX_QUERIES_PER_HOUR 0, and its like.",
        MySqlErrorCode.PacketTooLarge => "Raise max_allowed_packet on the server, or split the statement.",
        _ when e.Number == NotOfGalera =>
            "The cluster's wsrep_mode forbids it: a table needs a primary key (REQUIRED_PRIMARY_KEY) "
                + "and ENGINE=InnoDB (STRICT_REPLICATION).",
        _ when IsDenied(e) => "Grant the account of the connection string what the statement needs.",
        _ => null,
    };

    // No server that starts or returns changes these.
    private static bool IsOfTls(Exception e) =>
        e.InnerException is AuthenticationException or CryptographicException or FileNotFoundException or DirectoryNotFoundException;

    // The same code is used for other options; the option's name is in the message in every language.
    private static bool IsReadOnly(MySqlException e) => e.Number == ReadOnlyMode
        || e.ErrorCode == MySqlErrorCode.OptionPreventsStatement
            && (e.Message.Contains("read-only", StringComparison.Ordinal) || e.Message.Contains("read_only", StringComparison.Ordinal));

    // A node of a Galera cluster that joins, or has lost the others, refuses what it does not answer by itself.
    private static bool IsOutOfCluster(MySqlException e) =>
        e.ErrorCode == MySqlErrorCode.UnknownCommand && e.Message.Contains("WSREP", StringComparison.Ordinal);

    private static Unavailable? NotUpYet(string target, MySqlException e) => e.ErrorCode switch
    {
        MySqlErrorCode.UserLimitReached when !e.Message.Contains("_connections'", StringComparison.Ordinal) => new Unavailable(
            $"{target} to take statements of this account again",
            e.Message,
            "Raise that limit of the account: ALTER USER … WITH MAX_QUERIES_PER_HOUR 0, and its like."),
        MySqlErrorCode.TooManyUserConnections or MySqlErrorCode.ConnectionCountError or MySqlErrorCode.UserLimitReached => new Unavailable(
            $"a free connection on {target}",
            e.Message,
            "Close connections, or raise max_connections of the server or max_user_connections of the account. "
                + "A run needs two connections, and a third one for a moment."),
        MySqlErrorCode.UnknownDatabase =>
            new Unavailable($"{target} to be created", e.Message, $"Create it: CREATE DATABASE {MySqlName.Quoted(target.Split('/')[^1])}"),
        MySqlErrorCode.UnableToConnectToHost or MySqlErrorCode.ServerShutdown or MySqlErrorCode.CommandTimeoutExpired =>
            Down(target, MessageOf(e)),
        _ when IsLost(e) => Down(target, MessageOf(e)),
        _ => null,
    };

    private static Unavailable Down(string target, string why) => new(
        $"{target} to come up",
        why.TrimEnd('.'),
        "Start the server, or correct Server and Port of the connection string; check the network between.");
}
