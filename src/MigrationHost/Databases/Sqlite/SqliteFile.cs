namespace MigrationHost.Databases.Sqlite;

/// <summary>What can be told of a database file from outside SQLite.</summary>
internal static class SqliteFile
{
    public static string Journal(string path) => path + "-journal";

    public static string Wal(string path) => path + "-wal";

    public static string Shm(string path) => path + "-shm";

    /// <summary>Whether the file is in WAL mode and nobody has it open: its header says WAL (<see href="https://www.sqlite.org/fileformat2.html#file_format_version_numbers">bytes 18 and 19</see>) and there is no write-ahead log.</summary>
    /// <remarks>Reads the file directly, so only for a process that has no connection to it: closing any descriptor of a file drops all of a process's POSIX locks on it.</remarks>
    public static bool IsWalAtRest(string path)
    {
        if (Length(Wal(path)) > 0)
            return false;
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            Span<byte> header = stackalloc byte[20];
            return file.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) == header.Length && header[18] == 2;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>The length of a file in bytes; 0 where there is none or it cannot be seen.</summary>
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
}
