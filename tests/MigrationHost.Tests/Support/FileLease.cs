namespace MigrationHost.Tests.Support;

/// <summary>Another process that keeps a file from being opened by anybody: a lease, which it never gives back. The kernel takes it back
/// after 45 s (<c>fs.lease-break-time</c>).</summary>
internal sealed class FileLease : IAsyncDisposable
{
    private const string Take = """
        import fcntl, os, signal, sys
        signal.signal(signal.SIGIO, signal.SIG_IGN)
        file = os.open(sys.argv[1], os.O_RDONLY)
        fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)
        print("held", flush=True)
        sys.stdin.read()
        """;

    private readonly RunningProgram _holder;

    private FileLease(RunningProgram holder) => _holder = holder;

    /// <summary>Takes it; nobody may have the file open.</summary>
    public static async Task<FileLease> TakeAsync(string path)
    {
        var holder = new RunningProgram("/usr/bin/python3", ["-c", Take, path]);
        await Eventually.BecomesTrueAsync(() => holder.Output.Contains("held", StringComparison.Ordinal) || holder.HasExited, () => holder.All);
        Assert.False(holder.HasExited, holder.All);
        return new FileLease(holder);
    }

    /// <summary>Lets those go on who wait for the file.</summary>
    public async Task ReleaseAsync()
    {
        _holder.CloseInput();
        await _holder.ExitAsync();
    }

    public ValueTask DisposeAsync() => _holder.DisposeAsync();
}
