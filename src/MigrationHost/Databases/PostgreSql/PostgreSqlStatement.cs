using System.Text;
using MigrationHost.Scripts;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>One statement of a script.</summary>
/// <param name="Number">Which, counted from 1.</param>
/// <param name="Text">Its text, without the blanks and comments before it and the semicolon behind it.</param>
/// <param name="Line">The line of the script on which it begins, counted from 1.</param>
/// <param name="Words">Its words outside strings, comments and brackets, as they are written; quoted names without their quotes.</param>
internal sealed record PostgreSqlStatement(int Number, string Text, int Line, IReadOnlyList<PostgreSqlWord> Words) : IScriptStatement
{
    private static readonly string[] Defined =
        ["TABLE", "INDEX", "VIEW", "TYPE", "DOMAIN", "SCHEMA", "SEQUENCE", "FUNCTION", "PROCEDURE", "TRIGGER"];

    private static readonly string[] BeforeKind = ["OR", "REPLACE", "UNIQUE", "UNLOGGED", "CONSTRAINT", "RECURSIVE"];

    private static readonly string[] BehindTable = ["USING", "INCLUDE", "NULLS", "WITH", "TABLESPACE", "WHERE"];

    public ReadOnlyMemory<byte> Utf8 => Encoding.UTF8.GetBytes(Text);

    /// <summary>How it begins. A quoted name is not a keyword.</summary>
    public StatementHead Head => new(Line, [.. Words.Take(StatementHead.Enough).Select(word => word.Quoted ? "\"" : word.Text)]);

    /// <summary>
    /// Builds or drops with CONCURRENTLY, or validates a constraint: waits for transactions to end without holding anybody up,
    /// and leaves something broken if it is cut short.
    /// </summary>
    public bool WaitsWithoutHarm => IsConcurrent || Begins("ALTER", "TABLE") && Has("VALIDATE", "CONSTRAINT");

    public bool IsConcurrent =>
        Words.Take(8).Any(word => word.Is("CONCURRENTLY"))
            && (Begins("CREATE") || Begins("DROP", "INDEX") || Begins("REINDEX") || Begins("ALTER", "TABLE"));

    /// <summary>CREATE INDEX CONCURRENTLY or REINDEX CONCURRENTLY: what leaves an INVALID index if it fails.</summary>
    public bool BuildsIndexConcurrently => IsConcurrent && !Begins("DROP") && !Begins("ALTER");

    /// <summary>What the server refuses inside a transaction, as far as its first words show.</summary>
    public bool NeedsNoTransaction =>
        IsConcurrent || Begins("VACUUM")
        || (Begins("CREATE") || Begins("DROP")) && (Second("DATABASE") || Second("TABLESPACE") || Second("SUBSCRIPTION"))
        || Begins("ALTER", "SYSTEM") || Begins("ALTER", "DATABASE") && Has("SET", "TABLESPACE")
        || Begins("REINDEX") && (Words.Take(6).Any(word => word.Is("DATABASE") || word.Is("SYSTEM") || word.Is("SCHEMA")))
        || Begins("CLUSTER") && Words.Count == 1
        || Begins("DISCARD", "ALL");

    /// <summary>Whether it may change the session itself, so that the next script must not inherit it.</summary>
    public bool ChangesSession =>
        Begins("SET")
            || Begins("RESET")
            || Begins("PREPARE")
            || Begins("LISTEN")
            || Begins("DECLARE")
            || Begins("LOAD")
            || Begins("DISCARD")
        || Begins("CREATE") && Words.Take(5).Any(word => word.Is("TEMP") || word.Is("TEMPORARY"))
        || Text.Contains("set_config", StringComparison.OrdinalIgnoreCase) || Text.Contains("pg_temp", StringComparison.OrdinalIgnoreCase);

    /// <summary>Outside a transaction: running it again after a break does no harm.</summary>
    public bool CanBeRepeated =>
        Begins("VACUUM")
            || Begins("REINDEX")
            || Begins("CLUSTER")
            || Begins("ALTER", "SYSTEM")
            || Begins("ALTER", "DATABASE")
            || Begins("DISCARD");

    /// <summary>Outside a transaction: running it again after a break says whether it was done.</summary>
    public bool TellsWhenDone =>
        (Begins("CREATE") || Begins("DROP")) && (Second("DATABASE") || Second("TABLESPACE") || Second("SUBSCRIPTION"));

    /// <summary>Whether nothing has to be done before, with or after it, so that it may be sent along with others.</summary>
    public bool IsPlain => !ChangesSession && !WaitsWithoutHarm && !IsCopyFromClient && !IsCopyToClient;

    /// <summary>
    /// Whether it defines something and does no more: it writes no row, runs no function, reads no clock and sets nothing, so that it does
    /// the same in whatever transaction it is, and leaves nothing in it for the next script.
    /// </summary>
    public bool OnlyDefines => IsPlain && (
        Begins("COMMENT") || Begins("GRANT") || Begins("REVOKE")
        || Begins("DROP") && Defined.Contains(Words.ElementAtOrDefault(1).Text, StringComparer.OrdinalIgnoreCase)
        || Begins("ALTER") && (Second("TABLE") || Second("INDEX") || Second("SEQUENCE")) && !Words.Any(Runs)
        || Begins("CREATE") && Words.Skip(1).FirstOrDefault(word => !Array.Exists(BeforeKind, word.Is)) is { Text: not null } kind
            && Array.Exists(Defined, kind.Is) && !(kind.Is("TABLE") && Words.Any(Runs)));

    /// <summary>SET or RESET for the whole session, or what the function set_config does.</summary>
    public bool IsSetting =>
        (Begins("SET") || Begins("RESET")) && !Second("LOCAL") && !Second("CONSTRAINTS") && !Second("TRANSACTION")
        || Begins("SELECT") && Text.Contains("set_config(", StringComparison.OrdinalIgnoreCase);

    /// <summary>The setting that it puts back to its default, <c>ALL</c> for all of them; null if it is another statement.</summary>
    public string? Resets
    {
        get
        {
            if (Begins("DISCARD", "ALL"))
                return "ALL";
            string[] rest = [.. Words.Skip(1).SkipWhile(word => word.Is("SESSION") || word.Is("LOCAL")).Select(word => word.Name)];
            if (!Begins("RESET") && !(Begins("SET") && rest is [.., "default"] or ["time", "zone", "local"] or ["names", ..]))
                return null;
            return rest switch
            {
                ["all"] => "ALL",
                ["time", "zone", ..] => "TimeZone",
                ["names", ..] => PostgreSqlEncoding.Setting,
                _ => string.Join('.', rest.Where(word => word is not ("to" or "default"))),
            };
        }
    }

    /// <summary>The name of the index that CREATE INDEX builds, without its schema, which is the table's; null if it has none.</summary>
    public string? IndexName
    {
        get
        {
            var name = Words
                .SkipWhile(word => !word.Is("CONCURRENTLY"))
                .Skip(1)
                .SkipWhile(word => word.Is("IF") || word.Is("NOT") || word.Is("EXISTS"))
                .FirstOrDefault();
            return Begins("CREATE") && name.Text is { } && !name.Is("ON") ? name.Name : null;
        }
    }

    /// <summary>The quoted name of the table that CREATE INDEX is for; null if it is another statement.</summary>
    public string? IndexedTable
    {
        get
        {
            PostgreSqlWord[] after = [.. Words.SkipWhile(word => !word.Is("ON")).Skip(1).SkipWhile(word => word.Is("ONLY")).Take(2)];
            var names = after.Length == 2 && Array.Exists(BehindTable, after[1].Is) ? after[..1] : after;
            return Begins("CREATE") && names.Length > 0 ? string.Join('.', names.Select(word => PostgreSqlName.Quoted(word.Name))) : null;
        }
    }

    public bool MayExist => Has("IF", "NOT");

    public bool IsCopyFromClient => Begins("COPY") && Has("FROM", "STDIN");

    public bool IsCopyToClient => Begins("COPY") && Has("TO", "STDOUT");

    /// <summary>The data behind a COPY … FROM STDIN; null if there is none.</summary>
    public CopyData? CopyData { get; init; }

    public bool Begins(params ReadOnlySpan<string> keywords)
    {
        for (var i = 0; i < keywords.Length; i++)
        {
            if (i >= Words.Count || !Words[i].Is(keywords[i]))
                return false;
        }
        return true;
    }

    // CREATE TABLE … AS, and what ALTER TABLE computes for the rows that are there.
    private static bool Runs(PostgreSqlWord word) => word.Is("AS") || word.Is("USING") || word.Is("DEFAULT") || word.Is("EXECUTE");

    private bool Second(string keyword) => Words.Count > 1 && Words[1].Is(keyword);

    private bool Has(string first, string second) => Words.Zip(Words.Skip(1)).Any(pair => pair.First.Is(first) && pair.Second.Is(second));
}
