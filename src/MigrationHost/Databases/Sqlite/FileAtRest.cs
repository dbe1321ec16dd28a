namespace MigrationHost.Databases.Sqlite;

/// <summary>
/// A database in WAL mode that nobody is writing to, as it was when it was seen. It can be read as
/// <see href="https://www.sqlite.org/uri.html#uriimmutable">immutable</see>, without a trace; but whoever writes meanwhile is not kept out,
/// and what was read counts only if nobody did.
/// </summary>
internal sealed class FileAtRest
{
    /// <summary>How old the last change has to be, so that the next one has another time: the system's clock for files is a coarse one.
    /// </summary>
    private static readonly TimeSpan Oldest = TimeSpan.FromMilliseconds(30);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly string _path;
    private readonly (long Length, DateTime ModifiedAt) _seen;

    private FileAtRest(string path, (long Length, DateTime ModifiedAt) seen) => (_path, _seen) = (path, seen);

    /// <summary>Whether somebody has written to it since, or has begun to.</summary>
    public bool HasChanged => !IsAtRest(_path) || Look(_path) != _seen;

    /// <summary>Looks at a database that this process has not open; null if somebody is writing to it, or it is not in WAL mode.</summary>
    /// <remarks>Takes a moment if it was changed a moment ago.</remarks>
    public static FileAtRest? Of(string path, CancellationToken cancellationToken)
    {
        // Compared with times of files, so it is the system's.
        var time = TimeProvider.System;
        var began = time.GetTimestamp();
        if (!SqliteFile.IsInWalMode(path))
            return null;
        while (time.GetElapsedTime(began) < Patience && IsAtRest(path) && Look(path) is var seen)
        {
            if ((time.GetUtcNow() - seen.ModifiedAt).Duration() > Oldest)
                return SqliteFile.IsInWalMode(path) ? new FileAtRest(path, seen) : null;
            cancellationToken.WaitHandle.WaitOne(Pause);
            cancellationToken.ThrowIfCancellationRequested();
        }
        return null;
    }

    private static bool IsAtRest(string path) => SqliteFile.Length(SqliteFile.Wal(path)) == 0;

    // Asked of the system without opening it: that would drop this process's own locks on it.
    private static (long Length, DateTime ModifiedAt) Look(string path) =>
        (SqliteFile.Length(path), File.GetLastWriteTimeUtc(path));
}
