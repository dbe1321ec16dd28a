using System.Text.RegularExpressions;
using MigrationHost.Scripts;

namespace MigrationHost.Databases.MySql;

/// <summary>What a script must not contain: it would break a promise of the run.</summary>
/// <param name="schema">The database of the connection string.</param>
/// <param name="history">The history's table, not quoted.</param>
/// <param name="allowsLocalFiles">Whether the connection string allows LOAD DATA LOCAL.</param>
internal sealed partial class MySqlRefusals(string schema, string history, bool allowsLocalFiles)
{
    private static readonly string[] Reading = ["SELECT", "WITH", "SHOW", "EXPLAIN", "DESCRIBE", "DESC"];

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
        _ when statement.Begins("SET") && Autocommit().IsMatch(statement.Text) => (
            "must not set autocommit: MigrationHost opens and commits the transaction itself",
            "Remove it; the statements of a script without DDL are one transaction."),
        _ when ReleasesLocks().IsMatch(statement.Text) && !statement.Begins("CREATE") => (
            "must not release all locks of its session: the turn is one of them",
            "Release your own by name: RELEASE_LOCK('name')."),
        _ when !allowsLocalFiles && statement.Begins("LOAD") && statement.Has("LOCAL") => (
            "LOAD DATA LOCAL sends a file of this system to the server, which is off",
            "Write INSERT statements, or set AllowLoadLocalInfile=true in the connection string."),
        _ when statement.Begins("SET") && OtherCharset(statement.Text) => (
            "sets another character set: scripts are UTF-8, and their text would be stored as other characters",
            "Remove it, or write SET NAMES utf8mb4."),
        _ when ChangesHistory(statement) => (HistoryTable.NotForScripts(history), HistoryTable.UseResolve),
        _ => null,
    };

    private static bool OtherCharset(string text) =>
        Charset().Match(text) is { Success: true } set && set.Groups["to"].Value is var to
        && !to.StartsWith("utf8", StringComparison.OrdinalIgnoreCase) && !to.StartsWith('@')
        && !to.Equals("default", StringComparison.OrdinalIgnoreCase);

    private bool ChangesHistory(MySqlStatement statement)
    {
        if (statement.Begins("DROP", "DATABASE") || statement.Begins("DROP", "SCHEMA"))
            return statement.Words.Any(word => word.Text.Equals(schema, StringComparison.OrdinalIgnoreCase));
        if (!statement.Text.Contains(history, StringComparison.OrdinalIgnoreCase) || Array.Exists(Reading, word => statement.Begins(word)))
            return false;
        return IsTarget(statement) || statement.Begins("CREATE") && statement.Has("TRIGGER") && IsNamed(statement);
    }

    // The first name of what is written to, or any name of a list of tables.
    private bool IsTarget(MySqlStatement statement)
    {
        var upToSource = statement.Words.TakeWhile(word => !word.Is("SELECT") && !word.Is("SET") && !word.Is("VALUES") && !word.Is("AS"));
        return !statement.Begins("CREATE") && !statement.Begins("SET") && upToSource.Any(IsHistory)
            || statement.Begins("CREATE", "TABLE") && upToSource.Take(8).Any(IsHistory) && !statement.Has("LIKE");
    }

    private bool IsNamed(MySqlStatement statement) => statement.Words.Any(IsHistory);

    private bool IsHistory(MySqlWord word) => word.Text.Equals(history, StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex(@"\bautocommit\b\s*:?=", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Autocommit();

    [GeneratedRegex(@"\brelease_all_locks\s*\(", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex ReleasesLocks();

    [GeneratedRegex(
        """\b(NAMES|CHARACTER\s+SET|CHARSET|character_set_client\s*:?=|character_set_connection\s*:?=)\s*['"]?(?<to>[\w@]+)""",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Charset();
}
