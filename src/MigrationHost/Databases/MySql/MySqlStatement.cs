using System.Text;
using System.Text.RegularExpressions;
using MigrationHost.Scripts;

namespace MigrationHost.Databases.MySql;

/// <summary>One statement of a script.</summary>
/// <param name="Number">Which, counted from 1.</param>
/// <param name="Text">Its text, without the blanks and comments before it and the delimiter behind it.</param>
/// <param name="Line">The line of the script on which it begins, counted from 1.</param>
/// <param name="Words">Its words outside strings, comments and brackets, and the signs between names.</param>
internal sealed partial record MySqlStatement(int Number, string Text, int Line, IReadOnlyList<MySqlWord> Words) : IScriptStatement
{
    /// <summary>What commits by itself, before and after it.</summary>
    /// <remarks>
    /// <see href="https://mariadb.com/kb/en/sql-statements-that-cause-an-implicit-commit/"/>,
    /// <see href="https://dev.mysql.com/doc/refman/8.0/en/implicit-commit.html"/>
    /// </remarks>
    private static readonly string[] Committing =
    [
        "ALTER", "RENAME", "TRUNCATE", "GRANT", "REVOKE", "ANALYZE", "CHECK", "OPTIMIZE", "REPAIR", "CACHE", "FLUSH", "RESET", "INSTALL",
        "UNINSTALL", "CHANGE", "STOP", "PURGE", "IMPORT", "SHUTDOWN", "BACKUP", "CLONE", "RESTART",
    ];

    private static readonly string[] Repeatable = ["ANALYZE", "CHECK", "OPTIMIZE", "REPAIR", "CACHE", "FLUSH"];

    private string? _code;

    public ReadOnlyMemory<byte> Utf8 => Encoding.UTF8.GetBytes(Text);

    /// <summary>How it begins. A quoted name is not a keyword.</summary>
    public StatementHead Head => new(Line, [.. Words.Take(StatementHead.Enough).Select(word => word.Quoted ? "`" : word.Text)]);

    /// <summary>The names that a bracket is behind: of functions, and others.</summary>
    public IReadOnlyCollection<string> Calls { get; init; } = [];

    /// <summary>Whether it has a SELECT anywhere.</summary>
    public bool Selects { get; init; }

    /// <summary>Whether a backslash escapes in its strings.</summary>
    public bool HasBackslashEscapes { get; init; } = true;

    /// <inheritdoc cref="MySqlSplitter.CodeOf"/>
    public string Code => _code ??= MySqlSplitter.CodeOf(Text, HasBackslashEscapes);

    /// <summary>Whether its effect commits by itself, or may.</summary>
    public bool NeedsNoTransaction =>
        Words.Count > 0 && Array.Exists(Committing, Words[0].Is)
        || (Begins("CREATE") || Begins("DROP")) && !IsTemporary
        || Begins("START") && !Begins("START", "TRANSACTION")
        || Begins("LOAD", "INDEX")
        || Begins("SET") && (IsSecond("PASSWORD") || IsSecond("DEFAULT"))
        || IsRefusedInTransaction
        || RunsOthers;

    /// <summary>Runs several statements, or some that are not written here, and that may commit one by one.</summary>
    /// <remarks><see href="https://mariadb.com/kb/en/using-compound-statements-outside-of-stored-programs/"/></remarks>
    public bool RunsOthers => Begins("CALL") || Begins("EXECUTE") || HasBody && !Begins("CREATE") && !Begins("ALTER");

    /// <summary>Whether it has other statements in it: what creates a routine, trigger, event or package, and a block.</summary>
    public bool HasBody { get; init; }

    /// <summary>Running it again after a break does no harm.</summary>
    public bool CanBeRepeated =>
        Words.Count > 0 && Array.Exists(Repeatable, Words[0].Is) || Begins("LOAD", "INDEX") || IsRefusedInTransaction;

    /// <summary>What it says to its own session, which is gone with the session.</summary>
    public bool IsSetting =>
        Begins("SET") && !IsSecond("PASSWORD") && !IsSecond("DEFAULT") && !IsSecond("GLOBAL") || Begins("USE") || Begins("PREPARE");

    /// <summary>Whether it may change the session's database.</summary>
    public bool MayUse => RunsOthers || Begins("USE") || Begins("PREPARE");

    /// <summary>Whether it may change the session itself, so that the next script must not inherit it.</summary>
    public bool ChangesSession => IsSetting || IsTemporary || RunsOthers || Begins("DEALLOCATE") || Begins("HANDLER")
        || MySqlScriptSession.Knows(Text);

    /// <summary>Whether it uses what the session says of the statement before it, and does not only show it.</summary>
    public bool UsesTheOneBefore =>
        Begins("GET") || !RunsOthers && !HasBody && (!Begins("SELECT") || Has("INTO") || Text.Contains(":=", StringComparison.Ordinal))
            && OfTheOneBefore().IsMatch(Text) && OfTheOneBefore().IsMatch(Code);

    /// <remarks><see href="https://mariadb.com/kb/en/set-sql_log_bin/"/></remarks>
    private bool IsRefusedInTransaction => Begins("SET") && OutsideTransactions().IsMatch(Code);

    private bool IsTemporary => IsSecond("TEMPORARY") || Begins("CREATE", "OR", "REPLACE", "TEMPORARY");

    public bool Begins(params ReadOnlySpan<string> keywords)
    {
        for (var i = 0; i < keywords.Length; i++)
        {
            if (i >= Words.Count || !Words[i].Is(keywords[i]))
                return false;
        }
        return true;
    }

    public bool Has(string keyword) => Words.Any(word => word.Is(keyword));

    private bool IsSecond(string keyword) => Words.Count > 1 && Words[1].Is(keyword);

    [GeneratedRegex(
        @"(?<!(^|[^@])@)\b(sql_log_bin|binlog_format|(super_)?read_only|gtid_(domain_id|seq_no|next|purged)|skip_replication"
            + @"|wsrep_on|binlog_direct_non_transactional_updates)\s*:?=",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex OutsideTransactions();

    [GeneratedRegex(
        @"\b(ROW_COUNT|FOUND_ROWS)\s*\(|@@(SESSION\s*\.\s*)?(warning_count|error_count)\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex OfTheOneBefore();
}
