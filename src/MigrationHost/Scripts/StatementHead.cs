namespace MigrationHost.Scripts;

/// <summary>How a statement begins: enough to know what kind it is.</summary>
/// <param name="Line">The line of the script on which it begins, counted from 1.</param>
/// <param name="Words">Its first words outside strings, quoted names and comments, as they are written.</param>
internal sealed record StatementHead(int Line, IReadOnlyList<string> Words)
{
    /// <summary>How many words tell transaction control from all else: ROLLBACK TRANSACTION TO SAVEPOINT.</summary>
    public const int Enough = 4;

    public bool Begins(params ReadOnlySpan<string> keywords)
    {
        for (var i = 0; i < keywords.Length; i++)
        {
            if (i >= Words.Count || !Words[i].Equals(keywords[i], StringComparison.OrdinalIgnoreCase))
                return false;
        }
        return true;
    }

    public bool Has(string keyword) => Words.Contains(keyword, StringComparer.OrdinalIgnoreCase);
}
