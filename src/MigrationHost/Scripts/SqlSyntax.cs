namespace MigrationHost.Scripts;

/// <summary>What begins and ends a comment, a string or a quoted name in the SQL of a kind of database.</summary>
internal sealed record SqlSyntax
{
    /// <remarks><see href="https://www.sqlite.org/lang_keywords.html"/></remarks>
    public static readonly SqlSyntax Sqlite = new() { Backticks = true, Brackets = true };

    /// <remarks><see href="https://www.postgresql.org/docs/current/sql-syntax-lexical.html"/></remarks>
    public static readonly SqlSyntax PostgreSql = new() { DollarQuotes = true, EscapeStrings = true, NestedComments = true };

    /// <remarks><see href="https://mariadb.com/kb/en/comment-syntax/"/>, <see href="https://mariadb.com/kb/en/string-literals/"/></remarks>
    public static readonly SqlSyntax MySql = new() { Backticks = true, Escapes = true, HashComments = true, DashesNeedBlank = true };

    /// <summary>Whether <c>`…`</c> is a name.</summary>
    public bool Backticks { get; private init; }

    /// <summary>Whether <c>[…]</c> is a name.</summary>
    public bool Brackets { get; private init; }

    /// <summary>Whether <c>$tag$…$tag$</c> is a string.</summary>
    public bool DollarQuotes { get; private init; }

    /// <summary>Whether a backslash escapes in <c>E'…'</c>.</summary>
    public bool EscapeStrings { get; private init; }

    /// <summary>Whether a backslash escapes in every string: not under NO_BACKSLASH_ESCAPES.</summary>
    public bool Escapes { get; init; }

    /// <summary>Whether a block comment may have others in it.</summary>
    public bool NestedComments { get; private init; }

    /// <summary>Whether <c>#</c> begins a comment.</summary>
    public bool HashComments { get; private init; }

    /// <summary>Whether <c>--</c> within a line begins a comment only before a blank.</summary>
    public bool DashesNeedBlank { get; private init; }
}
