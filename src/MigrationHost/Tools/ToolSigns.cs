using MigrationHost.Platform;
using MigrationHost.Running;

namespace MigrationHost.Tools;

/// <summary>The signs of life of a running tool: what it writes, and the CPU time that it takes.</summary>
internal sealed class ToolSigns(ToolProcess process, Watch watch, TimeSpan stallAfter, TimeProvider time)
{
    // A look at /proc costs some microseconds for every process of the machine.
    private static readonly TimeSpan LongestSample = TimeSpan.FromMilliseconds(500);

    // A blocked tool wakes up now and then to try again: that costs it about a thousandth of a CPU.
    private const double LeastShareOfCpu = 0.03;
    private static readonly TimeSpan LeastCpu = TimeSpan.FromMilliseconds(20);

    private readonly TimeSpan _sampleEvery = stallAfter / 3 < LongestSample ? stallAfter / 3 : LongestSample;
    private volatile ProcessTree? _tree;
    private (long At, TimeSpan Cpu) _anchor = (time.GetTimestamp(), TimeSpan.Zero);
    private long? _sampledAt;
    private long _lines;
    private long _progressAt = time.GetTimestamp();

    /// <summary>Its processes when they were last looked at; null if they are not shown.</summary>
    public ProcessTree? Tree => _tree;

    /// <summary>For how long there has been none.</summary>
    public TimeSpan Silence => time.GetElapsedTime(Interlocked.Read(ref _progressAt));

    /// <summary>Takes in what is new. Called by the watchdog's thread alone.</summary>
    public void Sample()
    {
        if (process.Completion.IsCompleted)
            return;
        var (now, lines) = (time.GetTimestamp(), process.Lines);
        var progress = lines != _lines;
        _lines = lines;
        if (_sampledAt is not { } last || time.GetElapsedTime(last, now) >= _sampleEvery)
        {
            _sampledAt = now;
            progress |= Computes(now);
            watch.Handle(new RunEvent.Shown(
                $"running, {Duration.Say(_tree?.Cpu ?? TimeSpan.Zero)} of CPU time, "
                    + $"{lines:N0} {(lines == 1 ? "line" : "lines")} of output"));
        }
        if (!progress)
            return;
        Interlocked.Exchange(ref _progressAt, now);
        watch.Advance();
    }

    private bool Computes(long now)
    {
        if (process.Look() is not { } tree)
            return false;
        _tree = tree;
        var window = time.GetElapsedTime(_anchor.At, now);
        var least = window * LeastShareOfCpu > LeastCpu ? window * LeastShareOfCpu : LeastCpu;
        var computes = tree.Cpu - _anchor.Cpu >= least;
        if (computes || window > stallAfter)
            _anchor = (now, tree.Cpu);
        return computes;
    }
}
