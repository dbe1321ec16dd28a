namespace MigrationHost.Databases.PostgreSql;

/// <summary>A word of a statement.</summary>
/// <param name="Text">As it is written; a quoted name without its quotes.</param>
/// <param name="Quoted">Whether it is in double quotes, and so not a keyword.</param>
internal readonly record struct PostgreSqlWord(string Text, bool Quoted)
{
    public bool Is(string keyword) => !Quoted && Text.Equals(keyword, StringComparison.OrdinalIgnoreCase);

    /// <summary>The name that the server makes of it: in lower case unless quoted.</summary>
    public string Name => Quoted ? Text : Text.ToLowerInvariant();
}
