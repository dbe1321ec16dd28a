using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using MigrationHost.Platform;

namespace MigrationHost.Tools;

/// <summary>
/// A tool below a supervisor of ours, see <see cref="Supervisor"/>. If even that one is killed, its tool's processes are killed from here.
/// </summary>
internal sealed class SupervisedChild : IToolChild
{
    // The supervisor kills what is left after the grace; that takes it milliseconds, and up to a second if a process does not
    // obey. One that does not kill is itself killed.
    private static readonly TimeSpan ToKill = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(20);

    private readonly Process _supervisor;
    private readonly TimeSpan _grace;
    private readonly LineSplitter _output;
    private readonly LineSplitter _errors;
    private readonly TimeProvider _time;
    private readonly Lock _stopping = new();
    private readonly TaskCompletionSource<ToolExit> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly LastLines _complaints = new();
    private volatile ProcessTree? _seen;
    private ITimer? _killer;
    private bool _stopped;
    private bool _inputClosed;

    public SupervisedChild(ToolCommand command, TimeSpan grace, LineSplitter output, LineSplitter errors, TimeProvider time)
    {
        _grace = grace;
        _output = output;
        _errors = errors;
        _time = time;
        var start = new ProcessStartInfo
        {
            WorkingDirectory = command.WorkingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var (program, arguments) = SupervisorProgram.Find();
        start.FileName = program;
        string[] all =
        [
            .. arguments,
            Supervisor.Command,
            SupervisorFrame.Protocol,
            ((long)grace.TotalMilliseconds).ToString(CultureInfo.InvariantCulture),
            command.Executable,
            .. command.Arguments,
        ];
        foreach (var argument in all)
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in command.Environment)
            start.Environment[name] = value;
        try
        {
            _supervisor = Process.Start(start)!;
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or InvalidOperationException)
        {
            throw ToolErrors.NoSupervisor($"{program} could not be started: {e.Message}", e);
        }
        BackgroundThread.Start("migrationhost-tool-errors", ReadComplaints);
        BackgroundThread.Start("migrationhost-tool", Read, e => _completion.TrySetResult(ToolExit.Unreadable(e)));
    }

    public Task<ToolExit> Completion => _completion.Task;

    public void Stop()
    {
        lock (_stopping)
        {
            if (_stopped || _completion.Task.IsCompleted)
                return;
            _stopped = true;
            _killer = _time.CreateTimer(_ => KillSupervisor(), null, _grace + ToKill, Timeout.InfiniteTimeSpan);
            Tell(SupervisorFrame.Stop);
        }
    }

    public void Kill()
    {
        lock (_stopping)
        {
            if (_completion.Task.IsCompleted)
                return;
            _stopped = true;
            _killer?.Dispose();
            _killer = _time.CreateTimer(_ => KillSupervisor(), null, ToKill, Timeout.InfiniteTimeSpan);
            CloseInput();
        }
    }

    public ProcessTree? Look() => _completion.Task.IsCompleted ? null : _seen = ProcessTree.Below(_supervisor.Id) ?? _seen;

    public void Dispose()
    {
        lock (_stopping)
        {
            _killer?.Dispose();
            CloseInput();
        }
        _supervisor.Dispose();
    }

    private void Read()
    {
        var left = new List<int>();
        ToolExit? exit;
        try
        {
            exit = ReadToEnd(left);
        }
        catch (Exception e)
        {
            // Without its input the supervisor ends the tool.
            exit = ToolExit.Unreadable(e);
            lock (_stopping)
                CloseInput();
        }
        exit ??= Lost(left);
        _supervisor.WaitForExit(ToKill);
        _completion.TrySetResult(exit with { Left = left });
    }

    private ToolExit? ReadToEnd(List<int> left)
    {
        var exit = new ToolExit();
        var known = false;
        try
        {
            var stream = _supervisor.StandardOutput.BaseStream;
            var header = new byte[SupervisorFrame.HeaderLength];
            var content = new byte[SupervisorFrame.LongestContent];
            while (!known && stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) == header.Length)
            {
                var length = BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(1));
                if (length is < 0 or > SupervisorFrame.LongestContent)
                    break;
                var bytes = content.AsMemory(0, length);
                stream.ReadExactly(bytes.Span);
                switch (header[0])
                {
                    case SupervisorFrame.Output:
                        _output.Add(bytes.Span);
                        break;
                    case SupervisorFrame.Errors:
                        _errors.Add(bytes.Span);
                        break;
                    case SupervisorFrame.Failed:
                        (exit, known) = (exit with { Failure = $"could not be started: {Encoding.UTF8.GetString(bytes.Span)}" }, true);
                        break;
                    case SupervisorFrame.Left:
                        left.Add(Number(bytes.Span));
                        break;
                    case SupervisorFrame.ExitCode:
                        (exit, known) = (exit with { Code = Number(bytes.Span) }, true);
                        break;
                    case SupervisorFrame.ExitSignal:
                        (exit, known) = (exit with { Signal = Number(bytes.Span) }, true);
                        break;
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The supervisor is gone in the middle of a sentence.
        }
        _output.End();
        _errors.End();
        return known ? exit : null;
    }

    // Nobody holds the tool's processes together any more but their session: its leader was the supervisor. One that has left it is known
    // if it was seen, or is below one of them.
    private ToolExit Lost(List<int> left)
    {
        KillSupervisor();
        _supervisor.WaitForExit();
        left.Clear();
        left.AddRange(KillAll().Processes.Select(process => process.Pid));
        var complaints = string.Join(' ', _complaints.Read()).Trim();
        var why = complaints.Length > 0 ? $": {complaints}" : "";
        return new ToolExit { Failure = $"did not finish: its supervisor ended with {_supervisor.ExitCode}{why}" };
    }

    private ProcessTree KillAll()
    {
        var began = TimeProvider.System.GetTimestamp();
        using var pause = new ManualResetEventSlim();
        while (true)
        {
            var alive = ProcessTree.LeftOf(_supervisor.Id, _seen ?? ProcessTree.Empty);
            if (alive.Processes.Count == 0 || TimeProvider.System.GetElapsedTime(began) > ToKill)
                return alive;
            alive.Kill();
            pause.Wait(LookEvery);
        }
    }

    private void ReadComplaints()
    {
        try
        {
            var splitter = new LineSplitter(_complaints.Add);
            var buffer = new byte[4096];
            var stream = _supervisor.StandardError.BaseStream;
            for (int read; (read = stream.Read(buffer)) > 0;)
                splitter.Add(buffer.AsSpan(0, read));
            splitter.End();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // There is nothing more to hear.
        }
    }

    private void KillSupervisor()
    {
        try
        {
            Look();
            _supervisor.Kill();
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It has ended in the meantime.
        }
    }

    private void Tell(byte word)
    {
        try
        {
            var input = _supervisor.StandardInput.BaseStream;
            input.WriteByte(word);
            input.Flush();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // It has ended in the meantime.
        }
    }

    private void CloseInput()
    {
        if (_inputClosed)
            return;
        _inputClosed = true;
        try
        {
            _supervisor.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended in the meantime.
        }
    }

    private static int Number(ReadOnlySpan<byte> text) => int.Parse(text, CultureInfo.InvariantCulture);
}
