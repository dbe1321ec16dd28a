namespace MigrationHost.Databases.Sqlite;

/// <summary>What can be told of a database file from outside SQLite.</summary>
internal static class SqliteFile
{
    private const int HeaderLength = 20;

    public static string Journal(string path) => path + "-journal";

    public static string Wal(string path) => path + "-wal";

    public static string Shm(string path) => path + "-shm";

    /// <summary>
    /// Whether the file's header says WAL
    /// (<see href="https://www.sqlite.org/fileformat2.html#file_format_version_numbers">bytes 18 and 19</see>).
    /// </summary>
    /// <remarks>
    /// Reads the file directly, so only for a process that has no connection to it: closing any descriptor of a
    /// file drops all of a process's POSIX locks on it.
    /// </remarks>
    public static bool IsInWalMode(string path)
    {
        try
        {
            return Header(path) is { Length: HeaderLength } header && header[18] == 2;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>
    /// What is wrong with a file as a database, by its <see href="https://www.sqlite.org/fileformat2.html#magic_header_string">first 16
    /// bytes</see>; null if nothing is. An empty file is an empty database.
    /// </summary>
    /// <remarks>As for <see cref="IsInWalMode"/>: only for a process that has no connection to it.</remarks>
    public static string? WhyNoDatabase(string path)
    {
        try
        {
            return Header(path) is { Length: > 0 } header && !header.AsSpan().StartsWith("SQLite format 3\0"u8)
                ? "is not an SQLite database, or is encrypted"
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"cannot be read: {e.Message}";
        }
    }

    /// <summary>The length of a file in bytes; 0 if there is none or it cannot be seen.</summary>
    public static long Length(string path)
    {
        try
        {
            return new FileInfo(path) is { Exists: true } file ? file.Length : 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    private static byte[] Header(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        var header = new byte[HeaderLength];
        return header[..file.ReadAtLeast(header, header.Length, throwOnEndOfStream: false)];
    }
}
