using MigrationHost.Platform;

namespace MigrationHost.Running;

/// <summary>Delivers what a run says to whoever listens, on a thread of its own: neither a run nor its watchdog, nor an HTTP answer, ever
/// waits for a log provider, a full pipe or a reader.</summary>
/// <remarks>Bounded. If the listeners are slower than the run, the oldest of what may be dropped is dropped, and counted.</remarks>
/// <param name="sayDropped">Is told, before the next delivery, how much was dropped.</param>
internal sealed class Outbox(Action<int> sayDropped) : IDisposable
{
    /// <summary>How many deliveries may wait.</summary>
    public const int Most = 10_000;

    /// <summary>How long the end of a host or a command waits for what was said last.</summary>
    public static readonly TimeSpan LastWords = TimeSpan.FromSeconds(2);

    private readonly object _changing = new();
    private readonly LinkedList<(Action Deliver, bool MayBeDropped)> _waiting = [];
    private TaskCompletionSource? _empty;
    private Thread? _thread;
    private int _dropped;
    private bool _delivering;
    private bool _closed;

    /// <summary>Delivers later. Never waits.</summary>
    /// <param name="deliver">What to do. What it throws is lost: a listener must not harm a run.</param>
    /// <param name="mayBeDropped">Whether it may be dropped if too much is waiting.</param>
    public void Post(Action deliver, bool mayBeDropped)
    {
        lock (_changing)
        {
            if (_closed)
                return;
            _thread ??= BackgroundThread.Start("migrationhost-outbox", DeliverAll);
            if (_waiting.Count >= Most)
                DropOldest();
            _waiting.AddLast((deliver, mayBeDropped));
            Monitor.Pulse(_changing);
        }
    }

    /// <summary>Waits until everything is delivered.</summary>
    /// <param name="within">How long to wait at most.</param>
    /// <returns>Whether it is.</returns>
    public async Task<bool> DrainAsync(TimeSpan within)
    {
        Task empty;
        lock (_changing)
        {
            if (_waiting.Count == 0 && !_delivering)
                return true;
            empty = (_empty ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
        await Task.WhenAny(empty, Task.Delay(within, TimeProvider.System, CancellationToken.None)).ConfigureAwait(false);
        return empty.IsCompleted;
    }

    public void Dispose()
    {
        lock (_changing)
        {
            _closed = true;
            Monitor.Pulse(_changing);
        }
    }

    private void DeliverAll()
    {
        while (Next() is { } deliver)
        {
            try
            {
                deliver();
            }
            catch (Exception)
            {
                // A listener that fails must not keep the others from hearing the rest.
            }
        }
    }

    private Action? Next()
    {
        lock (_changing)
        {
            _delivering = false;
            while (_waiting.Count == 0)
            {
                _empty?.TrySetResult();
                _empty = null;
                if (_closed)
                    return null;
                Monitor.Wait(_changing);
            }
            _delivering = true;
            if (_dropped > 0)
            {
                var dropped = _dropped;
                _dropped = 0;
                return () => sayDropped(dropped);
            }
            var next = _waiting.First!.Value.Deliver;
            _waiting.RemoveFirst();
            return next;
        }
    }

    // What must not be dropped is little: the failures of a run.
    private void DropOldest()
    {
        var node = _waiting.First;
        while (node is not null && !node.Value.MayBeDropped)
            node = node.Next;
        _waiting.Remove(node ?? _waiting.First!);
        _dropped++;
    }
}
