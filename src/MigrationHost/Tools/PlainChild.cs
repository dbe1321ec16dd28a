using System.Diagnostics;
using MigrationHost.Platform;

namespace MigrationHost.Tools;

/// <summary>A tool where there is no supervisor: systems without process trees to adopt (Windows, macOS). Its descendants are ended with it, but one that has left the tree, or that the tool leaves behind when it ends by itself, is not seen.</summary>
internal sealed class PlainChild : IToolChild
{
    private readonly Process _process;
    private readonly TimeSpan _grace;
    private readonly TimeProvider _time;
    private readonly TaskCompletionSource<ToolExit> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ITimer? _killer;

    public PlainChild(ToolCommand command, TimeSpan grace, LineSplitter output, LineSplitter errors, TimeProvider time)
    {
        _grace = grace;
        _time = time;
        var start = new ProcessStartInfo(command.Executable, command.Arguments)
        {
            WorkingDirectory = command.WorkingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            CreateNoWindow = true,
        };
        foreach (var (name, value) in command.Environment)
            start.Environment[name] = value;
        try
        {
            _process = Process.Start(start)!;
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or InvalidOperationException)
        {
            _process = new Process();
            _completion.SetResult(new ToolExit { Failure = $"could not be started: {e.Message}" });
            return;
        }
        _process.StandardInput.Close();
        var speaking = new Lock();
        var readers = new[] { Reader(_process.StandardOutput.BaseStream, output, speaking), Reader(_process.StandardError.BaseStream, errors, speaking) };
        BackgroundThread.Start("migrationhost-tool", () => Wait(readers), e => _completion.TrySetResult(ToolExit.Unreadable(e)));
    }

    public Task<ToolExit> Completion => _completion.Task;

    public void Stop()
    {
        if (_completion.Task.IsCompleted || _killer is not null)
            return;
        var canAsk = !OperatingSystem.IsWindows();
        if (canAsk)
            _ = LibC.Kill(_process.Id, LibC.SigTerm);
        _killer = _time.CreateTimer(_ => Kill(), null, canAsk ? _grace : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    public void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception or AggregateException)
        {
            // It has ended in the meantime.
        }
    }

    public ProcessTree? Look() => null;

    public void Dispose()
    {
        _killer?.Dispose();
        _process.Dispose();
    }

    private static Thread Reader(Stream stream, LineSplitter splitter, Lock speaking) =>
        BackgroundThread.Start("migrationhost-tool-output", () => Read(stream, splitter, speaking));

    private static void Read(Stream stream, LineSplitter splitter, Lock speaking)
    {
        try
        {
            var buffer = new byte[65536];
            for (int read; (read = stream.Read(buffer)) > 0;)
            {
                lock (speaking)
                    splitter.Add(buffer.AsSpan(0, read));
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // There is nothing more to hear.
        }
        lock (speaking)
            splitter.End();
    }

    // Somebody whom the tool has left behind may hold its pipes open for ever: a second after its end they are left to themselves.
    private void Wait(Thread[] readers)
    {
        _process.WaitForExit();
        foreach (var reader in readers)
            reader.Join(TimeSpan.FromSeconds(1));
        var code = _process.ExitCode;
        _completion.TrySetResult(OperatingSystem.IsWindows() || code <= 128 ? new ToolExit { Code = code } : new ToolExit { Signal = code - 128 });
    }
}
