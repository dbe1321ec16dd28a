using System.Runtime.InteropServices;
using SQLitePCL;

namespace MigrationHost.Databases.Sqlite;

/// <summary>Where in a statement an error lies. SQLite knows (<see href="https://www.sqlite.org/c3ref/errcode.html">sqlite3_error_offset</see>, 3.38), but the driver's raw interface does not hand it on.</summary>
internal static unsafe class SqliteErrorOffset
{
    private static readonly delegate* unmanaged[Cdecl]<nint, int> Function = Find();

    public static int? Of(sqlite3 handle) => Function != null && Function(handle.DangerousGetHandle()) is var offset and >= 0 ? offset : null;

    // In the very library that the driver has loaded: another copy would not know the handle.
    private static delegate* unmanaged[Cdecl]<nint, int> Find() =>
        NativeLibrary.TryLoad(raw.GetNativeLibraryName(), typeof(SQLite3Provider_e_sqlite3).Assembly, null, out var library)
        && NativeLibrary.TryGetExport(library, "sqlite3_error_offset", out var function)
            ? (delegate* unmanaged[Cdecl]<nint, int>)function
            : null;
}
