using MigrationHost.Platform;

namespace MigrationHost.Databases.Sqlite;

/// <summary>
/// The rollback journal beside a database, looked at from outside SQLite. SQLite locks the
/// database, never its journal, so that it may be opened.
/// </summary>
internal static class SqliteJournal
{
    /// <summary>The journal if it has something to play back; null if there is none, or it is one that was finished with.</summary>
    /// <remarks>
    /// A finished journal has no length (journal_mode=truncate) or begins with zeros (journal_mode=persist): SQLite itself looks at the
    /// first byte alone. One that may not be read counts as filled.
    /// </remarks>
    /// <param name="path">The database.</param>
    public static FileStatus? Filled(string path)
    {
        if (FileStatus.Of(SqliteFile.Journal(path)) is not { Kind: FileKind.Regular, Length: > 0 } journal)
            return null;
        try
        {
            using var file = PlainFile.Open(SqliteFile.Journal(path));
            Span<byte> first = stackalloc byte[1];
            return file is null || RandomAccess.Read(file, first, 0) == 0 || first[0] == 0 ? null : journal;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return journal;
        }
    }
}
