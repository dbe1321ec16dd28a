using System.Text;
using MigrationHost.Platform;

namespace MigrationHost.Output;

/// <summary>An output that nobody has to wait for: a bounded queue, and a thread that waits for the reader.</summary>
/// <remarks>
/// While the reader is behind, log lines are dropped and counted, a newer report of progress replaces an older one, and answers are kept.
/// The end of the process does not wait for the thread. Whoever wants the words to arrive waits for them with <see cref="WrittenAsync"/>.
/// </remarks>
internal sealed class OutputQueue(string thread, IByteSink sink, TimeProvider time)
{
    /// <summary>In characters: log lines and progress that may wait to be written.</summary>
    public const int LongestBacklog = 256 * 1024;

    private readonly object _changing = new();
    private readonly LinkedList<OutputItem> _items = new();
    private TaskCompletionSource? _empty;
    private WriteFailure? _failure;
    private int _backlog;
    private long _dropped;
    private bool _started;
    private bool _writing;
    private bool _lineOpen;
    private long _movedAt;
    private volatile WriteFailure? _lost;

    /// <summary>The text that takes the place of dropped log lines.</summary>
    public Func<long, string> DroppedText { get; set; } = count =>
        $"{count} log {(count == 1 ? "line" : "lines")} dropped: the log was not read\n";

    /// <summary>Why a part of the answer could not be written; null if nothing is lost so far.</summary>
    public string? Lost => _lost?.Reason;

    /// <summary>Something of the log.</summary>
    public void Log(string text)
    {
        lock (_changing)
        {
            if (_backlog + text.Length > LongestBacklog)
            {
                _dropped++;
                return;
            }
            ReportDroppedLocked();
            AddLocked(new OutputItem(text) { LogLines = 1 });
        }
    }

    /// <summary>A report that a newer one of the same kind replaces while too much waits.</summary>
    public void Progress(string kind, string text)
    {
        lock (_changing)
        {
            if (_backlog + text.Length > LongestBacklog)
                ForgetLocked(kind);
            AddLocked(new OutputItem(text) { Kind = kind });
        }
    }

    /// <summary>A part of the answer.</summary>
    public void Answer(string text)
    {
        lock (_changing)
            AddLocked(new OutputItem(text) { IsAnswer = true });
    }

    /// <summary>Waits until everything is written, or known to be lost.</summary>
    /// <param name="patience">How long to wait for a reader that takes nothing.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <returns>False if something still waits to be written.</returns>
    public async Task<bool> WrittenAsync(TimeSpan patience, CancellationToken stop = default)
    {
        var since = time.GetTimestamp();
        while (true)
        {
            Task empty;
            var left = patience;
            lock (_changing)
            {
                if (_items.Count == 0 && !_writing)
                    return true;
                empty = (_empty ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
                if (patience != Timeout.InfiniteTimeSpan)
                    left -= time.GetElapsedTime(Math.Max(since, Interlocked.Read(ref _movedAt)));
            }
            if (stop.IsCancellationRequested || (patience != Timeout.InfiniteTimeSpan && left <= TimeSpan.Zero))
                return false;
            await Task.WhenAny(empty, Task.Delay(left, time, stop)).ConfigureAwait(false);
        }
    }

    private void AddLocked(OutputItem item)
    {
        if (_failure is { ForGood: true })
        {
            _lost ??= item.IsAnswer ? _failure : null;
            return;
        }
        _items.AddLast(item);
        _backlog += item.Weight;
        if (!_started)
        {
            _started = true;
            BackgroundThread.Start(thread, Run);
        }
        Monitor.Pulse(_changing);
    }

    private void ReportDroppedLocked()
    {
        if (_dropped == 0)
            return;
        AddLocked(new OutputItem(DroppedText(_dropped)) { LogLines = _dropped });
        _dropped = 0;
    }

    private void ForgetLocked(string kind)
    {
        var node = _items.First;
        while (node is not null && node.Value.Kind != kind)
            node = node.Next;
        if (node is null)
            return;
        _backlog -= node.Value.Weight;
        _items.Remove(node);
    }

    private void Run()
    {
        while (true)
        {
            var item = Next();
            Done(item, Write(item.Text));
        }
    }

    private OutputItem Next()
    {
        lock (_changing)
        {
            while (_items.Count == 0)
                Monitor.Wait(_changing);
            var item = _items.First!.Value;
            _items.RemoveFirst();
            _backlog -= item.Weight;
            _writing = true;
            return item;
        }
    }

    private WriteFailure? Write(string text)
    {
        // After a failure in the middle of a line, what follows begins a line of its own.
        var bytes = Encoding.UTF8.GetBytes(_lineOpen ? $"\n{text}" : text).AsSpan();
        while (bytes.Length > 0)
        {
            var count = sink.Write(bytes, out var failure);
            if (count > 0)
                Interlocked.Exchange(ref _movedAt, time.GetTimestamp());
            _lineOpen = failure is not null && (_lineOpen || count > 0);
            if (failure is not null)
                return failure;
            bytes = bytes[count..];
        }
        return null;
    }

    private void Done(OutputItem item, WriteFailure? failure)
    {
        lock (_changing)
        {
            _writing = false;
            _failure = failure;
            if (failure is not null)
            {
                _dropped += item.LogLines;
                _lost ??= item.IsAnswer ? failure : null;
            }
            else if (_items.Count == 0)
            {
                ReportDroppedLocked();
            }
            if (failure is { ForGood: true })
                GiveUpLocked(failure);
            if (_items.Count > 0)
                return;
            _empty?.TrySetResult();
            _empty = null;
        }
    }

    private void GiveUpLocked(WriteFailure failure)
    {
        if (_items.Any(item => item.IsAnswer))
            _lost ??= failure;
        _items.Clear();
        _backlog = 0;
    }
}
