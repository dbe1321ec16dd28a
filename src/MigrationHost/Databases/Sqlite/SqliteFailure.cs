using SQLitePCL;

namespace MigrationHost.Databases.Sqlite;

/// <summary>A call to SQLite that did not succeed, before anybody decided what it means.</summary>
internal sealed class SqliteFailure(int extendedCode, string message, int? offset = null) : Exception(message)
{
    public int ExtendedCode { get; } = extendedCode;

    /// <summary>Where in the statement's text, in bytes; null where SQLite does not say.</summary>
    public int? Offset { get; } = offset;

    public int Code => ExtendedCode & 0xFF;

    public bool IsBusy => Code is raw.SQLITE_BUSY or raw.SQLITE_LOCKED;

    public bool IsInterrupt => Code == raw.SQLITE_INTERRUPT;

    public bool IsNotAuthorized => Code == raw.SQLITE_AUTH;
}
