namespace MigrationHost.Databases.Sqlite;

/// <summary>A statement of a script, as it is known without compiling it.</summary>
/// <param name="Number">Which one it is of those that run, counted from 1.</param>
/// <param name="Line">The line of the script on which it begins.</param>
/// <param name="Range">Where it is in the script.</param>
/// <param name="Utf8">Its text.</param>
internal sealed record SqliteStatement(int Number, int Line, Range Range, ReadOnlyMemory<byte> Utf8) : IScriptStatement
{
    /// <remarks>These cannot run in a transaction, or do not do there what they say.</remarks>
    public bool NeedsNoTransaction => SqliteScript.IsSessionStatement(Utf8.Span) || Scripts.SqlText.BeginsWith(Utf8.Span, "VACUUM");
}
