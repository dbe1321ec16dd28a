namespace MigrationHost.Databases.MySql;

/// <summary>What a <see cref="MySqlToken"/> is.</summary>
internal enum MySqlTokenKind
{
    /// <summary>There is none.</summary>
    None,

    /// <summary>A keyword, or a name without quotes.</summary>
    Word,

    /// <summary>A name in backticks.</summary>
    Name,

    /// <summary>A user variable.</summary>
    Variable,

    /// <summary>A variable of the server or the session: <c>@@sql_mode</c>.</summary>
    System,

    /// <summary>A string or a number.</summary>
    Literal,

    /// <summary>Anything else.</summary>
    Sign,
}
