using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SQLitePCL;

namespace MigrationHost.Databases.Sqlite;

/// <summary>
/// Asks, while SQLite waits for a lock inside a running statement, whether it is to continue waiting
/// (<see href="https://www.sqlite.org/c3ref/busy_handler.html">sqlite3_busy_handler</see>).
/// </summary>
/// <remarks>
/// SQLite's own busy timeout is deaf to a cancel, waits silently, and begins anew with every statement, while readers are kept out all
/// along. The driver's raw interface does not hand this function on.
/// </remarks>
internal sealed unsafe class SqliteBusyHandler : IDisposable
{
    private static readonly delegate* unmanaged[Cdecl]<nint, delegate* unmanaged[Cdecl]<nint, int, int>, nint, int> Set =
        (delegate* unmanaged[Cdecl]<nint, delegate* unmanaged[Cdecl]<nint, int, int>, nint, int>)SqliteNative.Find("sqlite3_busy_handler");

    private readonly sqlite3 _handle;
    private readonly GCHandle _self;

    /// <param name="handle">The connection; it has to be closed before this is disposed.</param>
    public SqliteBusyHandler(sqlite3 handle)
    {
        _handle = handle;
        _self = GCHandle.Alloc(this);
        Install();
    }

    /// <summary>Whether to try once more; null: every lock that is not free is refused at once.</summary>
    public Func<bool>? TryAgain { get; set; }

    /// <summary>Puts it in its place: PRAGMA busy_timeout puts SQLite's own there.</summary>
    public void Install()
    {
        if (Set != null)
            _ = Set(_handle.DangerousGetHandle(), &Busy, GCHandle.ToIntPtr(_self));
    }

    public void Dispose() => _self.Free();

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Busy(nint self, int count) => ((SqliteBusyHandler)GCHandle.FromIntPtr(self).Target!).GoesOn() ? 1 : 0;

    private bool GoesOn()
    {
        if (TryAgain is not { } tryAgain)
            return false;
        if (tryAgain())
            return true;

        // A cache that cannot be written out in the middle of a statement is not an error to SQLite: it would continue, with the lock
        // that keeps new readers out.
        raw.sqlite3_interrupt(_handle);
        return false;
    }
}
