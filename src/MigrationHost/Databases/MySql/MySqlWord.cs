namespace MigrationHost.Databases.MySql;

/// <summary>A word of a statement outside brackets, or one of the signs between names: <c>. , =</c></summary>
/// <param name="Text">As it is written; a quoted name without its quotes.</param>
/// <param name="Quoted">Whether it was quoted, so that it is not a keyword.</param>
internal readonly record struct MySqlWord(string Text, bool Quoted)
{
    public bool Is(string keyword) => !Quoted && Text.Equals(keyword, StringComparison.OrdinalIgnoreCase);
}
