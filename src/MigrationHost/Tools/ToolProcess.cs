using MigrationHost.Masking;
using MigrationHost.Platform;

namespace MigrationHost.Tools;

/// <summary>
/// A running tool: both its streams are read at all times, and nothing of it outlives this process, a <see cref="Stop"/>, or its own end.
/// </summary>
internal sealed class ToolProcess : IAsyncDisposable
{
    private static readonly TimeSpan TellEvery = TimeSpan.FromMilliseconds(200);

    private readonly IToolChild _child;
    private readonly LastLines _last = new();
    private readonly Action<ToolLine> _onLine;
    private readonly Secrets? _secrets;
    private long _lines;

    private ToolProcess(
        ToolCommand command,
        TimeSpan grace,
        Action<ToolLine> onLine,
        TimeProvider time,
        Secrets? secrets,
        int? protocolLine)
    {
        Command = command;
        _onLine = onLine;
        _secrets = secrets;
        var output = protocolLine is { } longest
            ? new LineSplitter(text => Heard(new ToolLine(text, IsError: false)), longest)
            : new LineSplitter(text => HeardPeople(text, isError: false), complete: secrets is null ? null : secrets.Complete);
        var errors = new LineSplitter(text => HeardPeople(text, isError: true), complete: secrets is null ? null : secrets.Complete);
        _child = OperatingSystem.IsLinux()
            ? new SupervisedChild(command, grace, output, errors, time)
            : new PlainChild(command, grace, output, errors, time);
        Completion = CompleteAsync();
    }

    public ToolCommand Command { get; }

    /// <summary>Completes once the tool and all its descendants have ended. Never fails.</summary>
    public Task<ToolExit> Completion { get; }

    /// <summary>How many lines it has written so far: evidence that it continues.</summary>
    public long Lines => Interlocked.Read(ref _lines);

    /// <summary>Starts a tool. Its standard input is empty, and it has no terminal.</summary>
    /// <param name="command">What to run.</param>
    /// <param name="grace">How long after <see cref="Stop"/> what still runs is killed; also how long those may run on
    /// that the tool leaves behind when it ends.</param>
    /// <param name="onLine">Called for every line as it comes, one at a time, on a thread of the child's own.</param>
    /// <param name="time">The clock.</param>
    /// <param name="secrets">Mask what is for people; null if there are none.</param>
    /// <param name="protocolLine">
    /// If its standard output is for programs: in how many characters the longest line ends, longer ones come in pieces. Such a
    /// line stays as it is; what is for people is masked, and is kept for the message of a failure.
    /// </param>
    /// <exception cref="MigrationException">The supervisor, the <c>migrationhost</c> program, was not found.</exception>
    public static ToolProcess Start(
        ToolCommand command,
        TimeSpan grace,
        Action<ToolLine> onLine,
        TimeProvider time,
        Secrets? secrets = null,
        int? protocolLine = null) =>
        new(command, grace, onLine, time, secrets, protocolLine);

    /// <summary>SIGTERM to all its processes, and SIGKILL after the grace to those that are left. Returns at once.</summary>
    public void Stop() => _child.Stop();

    /// <summary>
    /// Its processes right now, with the CPU time that they have used; null if this system does not show them, or none is left.
    /// </summary>
    public ProcessTree? Look() => _child.Look();

    /// <summary>Waits until nothing of it is left; a cancel stops it.</summary>
    /// <param name="every">Called a few times a second meanwhile.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Stops it. That is not an exception here: the caller knows.</param>
    public async Task<ToolExit> UntilEndAsync(Action? every, TimeProvider time, CancellationToken cancellationToken)
    {
        using var stopped = cancellationToken.Register(Stop);
        while (await Task.WhenAny(Completion, Task.Delay(TellEvery, time, CancellationToken.None)).ConfigureAwait(false) != Completion)
            every?.Invoke();
        return await Completion.ConfigureAwait(false);
    }

    /// <summary>Kills what still runs.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!Completion.IsCompleted)
            _child.Kill();
        await Completion.ConfigureAwait(false);
        _child.Dispose();
    }

    private void HeardPeople(string text, bool isError)
    {
        var line = new ToolLine(_secrets?.InLine(text) ?? text, isError);
        _last.Add(line.Text);
        Heard(line);
    }

    private void Heard(ToolLine line)
    {
        Interlocked.Increment(ref _lines);
        _onLine(line);
    }

    private async Task<ToolExit> CompleteAsync() => await _child.Completion.ConfigureAwait(false) with { LastLines = _last.Read() };
}
