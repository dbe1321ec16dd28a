using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using MigrationHost.Scripts;

namespace MigrationHost.Databases.MySql;

/// <summary>What a script must not contain: it would break a promise of the run.</summary>
/// <param name="schemas">The database of the connection string and that of the history, not quoted.</param>
/// <param name="history">The history's table, not quoted.</param>
/// <param name="allowsLocalFiles">Whether the connection string allows LOAD DATA LOCAL.</param>
/// <param name="longest">The longest statement that the server takes, in bytes; null if that is not known.</param>
/// <param name="lockAttempt">How long a statement may wait for a lock, with readers behind it.</param>
/// <param name="isUtf8">Whether the database's own character set can hold every text of a script.</param>
internal sealed partial class MySqlRefusals(
    string[] schemas, string history, bool allowsLocalFiles, long? longest, TimeSpan lockAttempt, bool isUtf8)
{
    private static readonly string[] Reading = ["SELECT", "WITH", "SHOW", "EXPLAIN", "DESCRIBE", "DESC"];
    private static readonly string[] Kinds = ["TRIGGER", "PROCEDURE", "FUNCTION", "EVENT", "PACKAGE", "TABLE"];
    private static readonly string[] Source = ["SELECT", "SET", "VALUES", "AS", "LIKE"];

    private string[] Ours => [history, HistoryTable.Name, StatementRecords.TableName];

    /// <summary>Why a statement is refused, and what to do; null if it is not.</summary>
    public (string Message, string Remedy)? Of(MySqlStatement statement) => statement switch
    {
        _ when statement.Begins("LOCK", "TABLES") || statement.Begins("LOCK", "TABLE") || statement.Begins("UNLOCK") => (
            "must not lock tables for the session: the history could not be written meanwhile",
            "Remove LOCK TABLES and UNLOCK TABLES; a dump is written without them with --skip-add-locks."),
        _ when statement.Begins("FLUSH") && statement.Has("LOCK") => (
            "must not lock all tables for the session: the history could not be written meanwhile",
            "Remove WITH READ LOCK."),
        _ when statement.Begins("XA") => ("must not contain XA: MigrationHost opens and commits the transaction itself", "Remove it."),
        _ when statement.Begins("SET") && Autocommit().IsMatch(statement.Code) => (
            "must not set autocommit: MigrationHost opens and commits the transaction itself",
            "Remove it; the statements of a script without DDL are one transaction."),
        _ when statement.Begins("SET", "TRANSACTION") || statement.Begins("SET") && NextTransaction().IsMatch(statement.Code) => (
            "sets what the next transaction is, which MigrationHost has already begun",
            "Write SET SESSION TRANSACTION in place of SET TRANSACTION."),
        _ when ReleasesLocks().IsMatch(statement.Text) && !statement.Begins("CREATE") && ReleasesLocks().IsMatch(statement.Code) => (
            "must not release all locks of its session: the turn is one of them",
            "Release your own by name: RELEASE_LOCK('name')."),
        _ when !allowsLocalFiles && statement.Begins("LOAD") && statement.Has("LOCAL") => (
            "LOAD DATA LOCAL sends a file of this system to the server, which is off",
            "Write INSERT statements, or set AllowLoadLocalInfile=true in the connection string."),
        _ when statement.Begins("SET") && OtherCharset(statement.Code) => (
            "sets another character set: scripts are UTF-8, and their text would be stored as other characters",
            "Remove it, or write SET NAMES utf8mb4."),
        _ when WaitsTooLong(statement) => (
            string.Create(
                CultureInfo.InvariantCulture,
                $"may wait for a lock for longer than LockAttempt, {MySqlSql.Seconds(lockAttempt)} s: readers would wait behind it"),
            "Remove its limit (WAIT, lock_wait_timeout), or raise Timeouts:LockAttempt to it."),
        _ when IsTooLong(statement.Text) => (
            string.Create(
                CultureInfo.InvariantCulture, $"is longer than the {longest:N0} bytes that the server takes at once (max_allowed_packet)"),
            "Raise max_allowed_packet on the server, or split the statement."),
        _ when ChangesHistory(statement) => (HistoryTable.NotForScripts(history), HistoryTable.UseResolve),
        _ => null,
    };

    // A comment of ours is sent in front of it.
    private bool IsTooLong(string text) =>
        longest is { } bytes && text.Length > bytes / 4 && Encoding.UTF8.GetByteCount(text) + MySqlTurnWords.OfWork.Length >= bytes;

    /// <remarks><see href="https://mariadb.com/kb/en/wait-and-nowait/"/></remarks>
    private bool WaitsTooLong(MySqlStatement statement)
    {
        if (!statement.NeedsNoTransaction || statement.HasBody)
            return false;
        var words = statement.Words;
        var wait = Enumerable.Range(0, Math.Max(0, words.Count - 1))
            .FirstOrDefault(i => words[i].Is("WAIT") && words[i + 1].Text is [>= '0' and <= '9', ..], -1);
        return wait >= 0 && IsTooLongFor(words[wait + 1].Text)
            || statement.Text.Contains("lock_wait_timeout", StringComparison.OrdinalIgnoreCase)
                && LockWaitTimeout().Match(statement.Code) is { Success: true } limit && IsTooLongFor(limit.Groups["seconds"].Value);
    }

    private bool IsTooLongFor(string seconds) =>
        !long.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > MySqlSql.Seconds(lockAttempt);

    // What is the DEFAULT, the server's settings say, not the script. Behind SET CHARACTER SET, whatever it names, the server turns each
    // string into the database's character set.
    private bool OtherCharset(string code) => Charset().Matches(code).Any(
        set => set.Groups["to"].Value is var to && !to.StartsWith("utf8", StringComparison.OrdinalIgnoreCase) && !to.StartsWith('@')
            || set.Groups["ofDatabase"].Success && !isUtf8);

    private bool ChangesHistory(MySqlStatement statement)
    {
        if (statement.Begins("DROP", "DATABASE") || statement.Begins("DROP", "SCHEMA"))
            return statement.Words.Any(word => schemas.Contains(word.Text, StringComparer.OrdinalIgnoreCase));
        if (!Ours.Any(name => statement.Text.Contains(name, StringComparison.OrdinalIgnoreCase))
            || Array.Exists(Reading, word => statement.Begins(word)))
            return false;
        return IsTrigger(statement) ? statement.Words.Any(IsOurs)
            : RunsText(statement) ? Writes().IsMatch(statement.Text)
            : !statement.Begins("SET") && UpToSource(statement).Any(IsOurs);
    }

    // What is written to, or any name of a list of tables. What follows is only read.
    private static IEnumerable<MySqlWord> UpToSource(MySqlStatement statement) =>
        statement.Words.TakeWhile(word => !Array.Exists(Source, word.Is));

    // Text that runs as another statement, or later: what it does with a table is not known from its words.
    private static bool RunsText(MySqlStatement statement) =>
        statement.Begins("PREPARE") || statement.RunsOthers || statement.HasBody;

    private static bool IsTrigger(MySqlStatement statement) => statement.Begins("CREATE")
        && statement.Words.FirstOrDefault(word => Array.Exists(Kinds, word.Is)) is { Text: not null } kind && kind.Is("TRIGGER");

    private bool IsOurs(MySqlWord word) => Ours.Any(name => word.Text.Equals(name, StringComparison.OrdinalIgnoreCase));

    [GeneratedRegex(
        @"\b(INSERT|UPDATE|DELETE|REPLACE|TRUNCATE|DROP|ALTER|RENAME|LOAD)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Writes();

    [GeneratedRegex(@"(?<!(^|[^@])@)\bautocommit\b\s*:?=", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Autocommit();

    [GeneratedRegex(
        @"^\s*SET\s+STATEMENT\b.*?\block_wait_timeout\s*:?=\s*(?<seconds>\d*)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex LockWaitTimeout();

    [GeneratedRegex(@"@@(tx|transaction)_(isolation|read_only)\s*:?=", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex NextTransaction();

    [GeneratedRegex(@"\brelease_all_locks\s*\(", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex ReleasesLocks();

    [GeneratedRegex(
        """
        (?<!['"`]|(^|[^@])@)\b(NAMES|(?<ofDatabase>CHARACTER\s+SET|CHARSET)|(character_set_(client|connection)|collation_connection)\s*:?=)
        \s*['"]?(?<to>[\w@]+)
        """,
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Charset();
}
