using MigrationHost.Platform;

namespace MigrationHost.Running;

/// <summary>Delivers what a run says to whoever listens, on a thread of its own: neither a run nor its watchdog ever waits for a log provider, a full pipe or a reader.</summary>
/// <remarks>Bounded. If the listeners are slower than the run, the oldest of what may be dropped is dropped, and counted.</remarks>
internal sealed class Outbox : IDisposable
{
    private const int Most = 1000;

    private readonly Lock _starting = new();
    private readonly object _changing = new();
    private readonly LinkedList<(Action Deliver, bool MayBeDropped)> _waiting = [];
    private Action<int>? _sayDropped;
    private int _dropped;
    private bool _delivering;
    private bool _closed;
    private Thread? _thread;

    /// <summary>Is told, before the next delivery, how much was dropped.</summary>
    /// <param name="say">Says it.</param>
    public void WhenDropped(Action<int> say) => _sayDropped = say;

    /// <summary>Delivers later. Never waits.</summary>
    /// <param name="deliver">What to do. What it throws is lost: a listener must not harm a run.</param>
    /// <param name="mayBeDropped">Whether it may be dropped if too much is waiting.</param>
    public void Post(Action deliver, bool mayBeDropped)
    {
        Start();
        lock (_changing)
        {
            if (_closed)
                return;
            if (_waiting.Count >= Most)
                DropOldest();
            _waiting.AddLast((deliver, mayBeDropped));
            Monitor.PulseAll(_changing);
        }
    }

    /// <summary>Waits until everything that was posted so far is delivered.</summary>
    /// <param name="within">How long to wait at most.</param>
    /// <returns>Whether it is.</returns>
    public bool Drain(TimeSpan within)
    {
        var until = TimeProvider.System.GetTimestamp();
        lock (_changing)
        {
            while (_waiting.Count > 0 || _delivering)
            {
                var left = within - TimeProvider.System.GetElapsedTime(until);
                if (left <= TimeSpan.Zero || !Monitor.Wait(_changing, left))
                    return false;
            }
            return true;
        }
    }

    public void Dispose()
    {
        lock (_changing)
        {
            _closed = true;
            Monitor.PulseAll(_changing);
        }
    }

    private void Start()
    {
        lock (_starting)
            _thread ??= BackgroundThread.Start("migrationhost-outbox", Deliver, _ => { });
    }

    private void Deliver()
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
            Monitor.PulseAll(_changing);
            while (_waiting.Count == 0)
            {
                if (_closed)
                    return null;
                Monitor.Wait(_changing);
            }
            _delivering = true;
            if (_dropped > 0 && _sayDropped is { } say)
            {
                var dropped = _dropped;
                _dropped = 0;
                return () => say(dropped);
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
