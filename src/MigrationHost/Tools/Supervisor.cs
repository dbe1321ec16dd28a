using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using MigrationHost.Platform;

namespace MigrationHost.Tools;

/// <summary>What the hidden command <c>supervise</c> does: runs one tool and answers for all its descendants, those that left its group or session included.</summary>
/// <remarks>
/// Being their subreaper, it inherits every descendant whose parent ends: none is left exactly when it has no child any more.
/// Its standard input is the host's hand on it: when the host dies, however it dies, that ends, and everything is killed.
/// .NET's Process offers none of this: it has no groups and no subreaper, and a death signal (PR_SET_PDEATHSIG) fires when the thread ends that started the child.
/// </remarks>
internal sealed unsafe class Supervisor(TimeSpan grace)
{
    public const string Command = "supervise";

    private const int StandardInput = 0;
    private const int StandardOutput = 1;
    private const int NoChildren = 10;

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(20);

    // A process in uninterruptible sleep does not even obey SIGKILL before its device answers.
    private static readonly TimeSpan ToObeyKill = TimeSpan.FromSeconds(1);

    // After the last descendant its pipes are at their end, unless somebody else was handed them.
    private static readonly TimeSpan ToDrain = TimeSpan.FromSeconds(1);

    private readonly Lock _speaking = new();
    private readonly object _ending = new();
    private readonly TaskCompletionSource<bool> _over = new();
    private readonly TaskCompletionSource _said = new();
    private Thread? _ender;
    private volatile bool _killNow;
    private int? _toolStatus;

    /// <param name="arguments">Protocol, grace in milliseconds, the tool's full path, its arguments.</param>
    /// <returns>The exit code of this process; the tool's is told to the host.</returns>
    public static int Run(ReadOnlySpan<string> arguments)
    {
        if (!OperatingSystem.IsLinux() || arguments.Length < 3 || arguments[0] != SupervisorFrame.Protocol || !long.TryParse(arguments[1], CultureInfo.InvariantCulture, out var grace))
        {
            Console.Error.WriteLine($"{Command} is for MigrationHost itself, in the same version: this one speaks protocol {SupervisorFrame.Protocol}");
            return ExitCodes.InvalidConfiguration;
        }
        return new Supervisor(TimeSpan.FromMilliseconds(grace)).Run(arguments[2], [.. arguments[2..]]);
    }

    private int Run(string path, string[] arguments)
    {
        // Away from the host's terminal and group: what is typed there is for the host, which then decides.
        _ = LibC.SetSid();
        _ = LibC.PrCtl(LibC.SetChildSubreaper, 1, 0, 0, 0);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);

        var output = Pipe();
        var errors = Pipe();
        if (Spawn(path, arguments, output.Write, errors.Write, out var tool) is var error and not 0)
        {
            Say(SupervisorFrame.Failed, Encoding.UTF8.GetBytes($"{path}: {Marshal.GetPInvokeErrorMessage(error)}"));
            return ExitCodes.Success;
        }
        _ = LibC.Close(output.Write);
        _ = LibC.Close(errors.Write);
        Say(SupervisorFrame.Started, tool);
        var readers = new[]
        {
            Start(() => Forward(output.Read, SupervisorFrame.Output)),
            Start(() => Forward(errors.Read, SupervisorFrame.Errors)),
        };
        Start(Listen);
        Start(() => Reap(tool, readers));
        _said.Task.GetAwaiter().GetResult();
        return ExitCodes.Success;
    }

    /// <summary>Takes in every descendant that ends, until there is none.</summary>
    private void Reap(int tool, Thread[] readers)
    {
        while (true)
        {
            var pid = LibC.WaitPid(-1, out var status, 0);
            if (pid == tool)
            {
                _toolStatus = status;
                End();
            }
            else if (pid < 0 && Marshal.GetLastPInvokeError() == NoChildren)
            {
                break;
            }
        }
        foreach (var reader in readers)
            reader.Join(ToDrain);
        Finish();
    }

    private void Finish()
    {
        if (!_over.TrySetResult(true))
            return;
        // The layout of a wait status is the same wherever Linux is: WIFEXITED, WEXITSTATUS, WTERMSIG.
        if (_toolStatus is { } value && (value & 0x7F) == 0)
            Say(SupervisorFrame.ExitCode, (value >> 8) & 0xFF);
        else
            Say(SupervisorFrame.ExitSignal, _toolStatus is { } ended ? ended & 0x7F : LibC.SigKill);
        _said.TrySetResult();
    }

    /// <summary>Begins to end all descendants: politely, unless it has to be at once.</summary>
    private void End()
    {
        lock (_ending)
        {
            _ender ??= Start(EndAll);
            Monitor.PulseAll(_ending);
        }
    }

    private void EndAll()
    {
        var began = TimeProvider.System.GetTimestamp();
        var asked = new HashSet<int>();
        while (!_killNow && TimeProvider.System.GetElapsedTime(began) < grace)
        {
            foreach (var process in Descendants().Where(process => asked.Add(process.Pid)))
                _ = LibC.Kill(process.Pid, LibC.SigTerm);
            Pause();
        }
        began = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(began) < ToObeyKill)
        {
            foreach (var process in Descendants())
                _ = LibC.Kill(process.Pid, LibC.SigKill);
            Pause();
        }
        foreach (var process in Descendants())
            Say(SupervisorFrame.Left, process.Pid);
        Finish();
    }

    private void Pause()
    {
        lock (_ending)
            Monitor.Wait(_ending, LookEvery);
    }

    private static IEnumerable<TreeProcess> Descendants() =>
        (ProcessTree.Below(Environment.ProcessId) ?? ProcessTree.Empty).Processes.Where(process => process.State != 'Z');

    // A supervisor that fails ends: its host ends the tool then.
    private Thread Start(Action work) => BackgroundThread.Start("supervisor", work, _ => _said.TrySetResult());

    private void Stop(PosixSignalContext context)
    {
        context.Cancel = true;
        End();
    }

    /// <summary>Hears what the host wants. The end of its pipe is its death.</summary>
    private void Listen()
    {
        byte word;
        while (ReadSome(StandardInput, &word, 1) == 1)
        {
            if (word == SupervisorFrame.Stop)
                End();
        }
        _killNow = true;
        End();
    }

    private void Forward(int descriptor, byte kind)
    {
        var frame = new byte[SupervisorFrame.HeaderLength + SupervisorFrame.LongestContent];
        frame[0] = kind;
        fixed (byte* start = frame)
        {
            for (int read; (read = ReadSome(descriptor, start + SupervisorFrame.HeaderLength, SupervisorFrame.LongestContent)) > 0;)
            {
                BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(1), read);
                Write(start, SupervisorFrame.HeaderLength + read);
            }
        }
    }

    private void Say(byte kind, int number) => Say(kind, Encoding.UTF8.GetBytes(number.ToString(CultureInfo.InvariantCulture)));

    private void Say(byte kind, ReadOnlySpan<byte> content)
    {
        var frame = new byte[SupervisorFrame.HeaderLength + content.Length];
        frame[0] = kind;
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(1), content.Length);
        content.CopyTo(frame.AsSpan(SupervisorFrame.HeaderLength));
        fixed (byte* start = frame)
            Write(start, frame.Length);
    }

    // A host that is gone hears nothing: its end is noticed on the standard input.
    private void Write(byte* bytes, int count)
    {
        lock (_speaking)
        {
            while (count > 0)
            {
                var written = (int)LibC.Write(StandardOutput, bytes, (nuint)count);
                if (written < 0 && Marshal.GetLastPInvokeError() != LibC.ErrorInterrupted)
                    return;
                bytes += Math.Max(written, 0);
                count -= Math.Max(written, 0);
            }
        }
    }

    private static int ReadSome(int descriptor, byte* buffer, int count)
    {
        while (true)
        {
            var read = (int)LibC.Read(descriptor, buffer, (nuint)count);
            if (read >= 0 || Marshal.GetLastPInvokeError() != LibC.ErrorInterrupted)
                return read;
        }
    }

    private static (int Read, int Write) Pipe()
    {
        var ends = stackalloc int[2];
        return LibC.Pipe2(ends, LibC.OpenCloseOnExec) == 0 ? (ends[0], ends[1]) : throw new IOException(Marshal.GetLastPInvokeErrorMessage());
    }

    /// <summary>Starts the tool: an empty standard input, our pipes, no signal ignored or held back, a process group of its own.</summary>
    private static int Spawn(string path, string[] arguments, int output, int errors, out int pid)
    {
        const short setGroup = 2, setDefaultSignals = 4, setMask = 8;

        // glibc's posix_spawnattr_t has 336 bytes, its sigset_t 128, its posix_spawn_file_actions_t 80; musl's are no larger.
        var memory = stackalloc byte[2048];
        new Span<byte>(memory, 2048).Clear();
        byte* attributes = memory, actions = memory + 1024, signals = memory + 1536;
        _ = LibC.SpawnAttributesInit(attributes);
        _ = LibC.SignalsFill(signals);
        _ = LibC.SpawnAttributesSetDefaultSignals(attributes, signals);
        _ = LibC.SignalsEmpty(signals);
        _ = LibC.SpawnAttributesSetMask(attributes, signals);
        _ = LibC.SpawnAttributesSetFlags(attributes, setGroup | setDefaultSignals | setMask);
        _ = LibC.SpawnActionsInit(actions);
        _ = LibC.SpawnActionsOpen(actions, StandardInput, "/dev/null", 0, 0);
        _ = LibC.SpawnActionsDuplicate(actions, output, 1);
        _ = LibC.SpawnActionsDuplicate(actions, errors, 2);
        var environment = Environment.GetEnvironmentVariables();
        var variables = environment.Keys.Cast<string>().Select(name => $"{name}={environment[name]}");
        return LibC.Spawn(out pid, path, actions, attributes, Strings(arguments), Strings([.. variables]));
    }

    // Never freed: it lives as long as this process, which starts one tool.
    private static byte** Strings(string[] strings)
    {
        var array = (byte**)NativeMemory.AllocZeroed((nuint)strings.Length + 1, (nuint)sizeof(byte*));
        for (var i = 0; i < strings.Length; i++)
            array[i] = (byte*)Marshal.StringToCoTaskMemUTF8(strings[i]);
        return array;
    }
}
