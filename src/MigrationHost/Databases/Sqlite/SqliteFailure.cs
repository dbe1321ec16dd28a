using MigrationHost.Platform;
using SQLitePCL;

namespace MigrationHost.Databases.Sqlite;

/// <summary>A call to SQLite that did not succeed, before anybody decided what it means.</summary>
/// <param name="extendedCode">Its extended result code. <see href="https://www.sqlite.org/rescode.html"/></param>
/// <param name="message">What SQLite says.</param>
/// <param name="offset">Where in the statement's text, in bytes; null if SQLite does not say.</param>
/// <param name="systemError">The system's error number, of Linux, behind a failure to open, read or write; null if there is none.</param>
internal sealed class SqliteFailure(int extendedCode, string message, int? offset = null, int? systemError = null) : Exception(message)
{
    private const int NoSpaceError = 28;
    private const int QuotaError = 122;

    public int ExtendedCode { get; } = extendedCode;

    public int? Offset { get; } = offset;

    public int? SystemError { get; } = (extendedCode & 0xFF) is raw.SQLITE_IOERR or raw.SQLITE_CANTOPEN ? systemError : null;

    public int Code => ExtendedCode & 0xFF;

    /// <summary>Another process has a lock. In WAL mode SQLite tries some locks by itself, for 10 seconds, and then calls it a violation of
    /// its protocol.</summary>
    public bool IsBusy => Code is raw.SQLITE_BUSY or raw.SQLITE_PROTOCOL;

    /// <summary>
    /// The disk or a quota is full. In WAL mode the first to notice is the index beside the file, which cannot be given its size.
    /// </summary>
    public bool IsFull => Code == raw.SQLITE_FULL || ExtendedCode == raw.SQLITE_IOERR_SHMSIZE || SystemError is NoSpaceError or QuotaError;

    /// <summary>There is no folder for temporary files.</summary>
    public bool HasNoTemporaryFolder => ExtendedCode is raw.SQLITE_IOERR_GETTEMPPATH or raw.SQLITE_CANTOPEN_NOTEMPDIR;

    /// <summary>The file system is mounted read-only.</summary>
    public bool IsReadOnlyFileSystem => SystemError == LibC.ErrorReadOnlyFileSystem;

    /// <summary>Something failed at a file rather than at the statement.</summary>
    public bool IsOfTheFile =>
        Code is raw.SQLITE_IOERR or raw.SQLITE_CANTOPEN or raw.SQLITE_READONLY or raw.SQLITE_CORRUPT or raw.SQLITE_FULL;

    public bool IsInterrupt => Code == raw.SQLITE_INTERRUPT;

    public bool IsNotAuthorized => Code == raw.SQLITE_AUTH;
}
