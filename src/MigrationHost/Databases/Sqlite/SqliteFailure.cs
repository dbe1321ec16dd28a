using SQLitePCL;

namespace MigrationHost.Databases.Sqlite;

/// <summary>A call to SQLite that did not succeed, before anybody decided what it means.</summary>
internal sealed class SqliteFailure(int extendedCode, string message, int? offset = null) : Exception(message)
{
    // SQLITE_IOERR_SHMSIZE, which the driver's raw interface does not name.
    private const int IoErrorShmSize = raw.SQLITE_IOERR | 19 << 8;

    public int ExtendedCode { get; } = extendedCode;

    /// <summary>Where in the statement's text, in bytes; null where SQLite does not say.</summary>
    public int? Offset { get; } = offset;

    public int Code => ExtendedCode & 0xFF;

    public bool IsBusy => Code is raw.SQLITE_BUSY or raw.SQLITE_LOCKED;

    /// <summary>The disk is full. In WAL mode the first to notice is the index beside the file, which cannot be given its size.</summary>
    public bool IsFull => Code == raw.SQLITE_FULL || ExtendedCode == IoErrorShmSize;

    public bool IsInterrupt => Code == raw.SQLITE_INTERRUPT;

    public bool IsNotAuthorized => Code == raw.SQLITE_AUTH;
}
