using System.Runtime.InteropServices;
using SQLitePCL;

namespace MigrationHost.Databases.Sqlite;

/// <summary>The few functions of SQLite that the driver's raw interface does not hand on.</summary>
internal static unsafe class SqliteNative
{
    private static readonly delegate* unmanaged[Cdecl]<nint, int> ErrorOffsetFunction =
        (delegate* unmanaged[Cdecl]<nint, int>)Find("sqlite3_error_offset");

    private static readonly delegate* unmanaged[Cdecl]<nint, int> SystemErrorFunction =
        (delegate* unmanaged[Cdecl]<nint, int>)Find("sqlite3_system_errno");

    /// <summary>
    /// Where in a statement the last error lies, in bytes
    /// (<see href="https://www.sqlite.org/c3ref/errcode.html">sqlite3_error_offset</see>, 3.38); null if SQLite does not say.
    /// </summary>
    public static int? ErrorOffset(sqlite3 handle) =>
        ErrorOffsetFunction != null && ErrorOffsetFunction(handle.DangerousGetHandle()) is var offset and >= 0 ? offset : null;

    /// <summary>
    /// The system's error number behind the last failure to open, read or write
    /// (<see href="https://www.sqlite.org/c3ref/system_errno.html">sqlite3_system_errno</see>); null if there is none.
    /// </summary>
    public static int? SystemError(sqlite3 handle) =>
        SystemErrorFunction != null && SystemErrorFunction(handle.DangerousGetHandle()) is var error and > 0 ? error : null;

    /// <summary>
    /// A function's address, in the very library that the driver has loaded: another copy would not know its handles.
    /// Zero if a build of SQLite does not export it.
    /// </summary>
    public static nint Find(string function) =>
        NativeLibrary.TryLoad(raw.GetNativeLibraryName(), typeof(SQLite3Provider_e_sqlite3).Assembly, null, out var library)
        && NativeLibrary.TryGetExport(library, function, out var address)
            ? address
            : 0;
}
