using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using MigrationHost.Running;

namespace MigrationHost.Http;

/// <summary>
/// Tells the status document to all who listen: one snapshot for everybody, the latest for whoever is behind, and nothing
/// more for one who does not take it.
/// </summary>
internal sealed class StatusEvents : IDisposable
{
    /// <summary>How many may listen at the same time.</summary>
    public const int MostListeners = 100;

    /// <summary>Changes that come faster are told together.</summary>
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(200);

    /// <summary>What moves without a change of state, such as the statement under way, is looked at this often.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    /// <summary>The document is told again after so long, so that a connection that is gone is noticed.</summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Lock _changing = new();
    private readonly List<Listener> _listeners = [];
    private readonly MigrationState _state;
    private readonly ShownDetail _shown;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private long _toldAt;
    private int _toldVersion = -1;

    public StatusEvents(MigrationRuns runs, ShownDetail shown, TimeProvider time)
    {
        (_state, _shown, _time) = (runs.State, shown, time);
        _timer = time.CreateTimer(_ => Tell(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The document now and at every change, until the listener leaves or does not keep up; null if too many listen.</summary>
    public IAsyncEnumerable<SseItem<string>>? Listen(CancellationToken leaves)
    {
        var listener = new Listener(_time.GetTimestamp());
        lock (_changing)
        {
            if (_listeners.Count == MostListeners)
                return null;
            _listeners.Add(listener);
            listener.Told.Writer.TryWrite(Document());
            if (_listeners.Count == 1)
                _timer.Change(ShortestPause, ShortestPause);
        }
        return ReadAsync(listener, leaves);
    }

    public void Dispose()
    {
        _timer.Dispose();
        lock (_changing)
        {
            foreach (var listener in _listeners)
                listener.Told.Writer.TryComplete();
        }
    }

    private async IAsyncEnumerable<SseItem<string>> ReadAsync(Listener listener, [EnumeratorCancellation] CancellationToken leaves)
    {
        try
        {
            while (await HasMoreAsync(listener, leaves).ConfigureAwait(false))
            {
                while (listener.Told.Reader.TryRead(out var document))
                {
                    listener.TakenAt = _time.GetTimestamp();
                    yield return new SseItem<string>(document);
                }
            }
        }
        finally
        {
            lock (_changing)
            {
                _listeners.Remove(listener);
                if (_listeners.Count == 0)
                    _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
        }
    }

    // Who leaves, and a host that stops, end the answer and do not break it off.
    private static async ValueTask<bool> HasMoreAsync(Listener listener, CancellationToken leaves)
    {
        try
        {
            return await listener.Told.Reader.WaitToReadAsync(leaves).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private void Tell()
    {
        lock (_changing)
        {
            var (version, silence) = (_state.Version, _time.GetElapsedTime(_toldAt));
            if (version == _toldVersion && (silence < LongestPause || _state.IsReady && silence < LongestSilence))
                return;
            var document = Document();
            (_toldVersion, _toldAt) = (version, _time.GetTimestamp());
            foreach (var listener in _listeners)
            {
                if (listener.Told.Reader.Count > 0 && _time.GetElapsedTime(listener.TakenAt) > Patience)
                    listener.Told.Writer.TryComplete(new TimeoutException());
                else
                    listener.Told.Writer.TryWrite(document);
            }
        }
    }

    private string Document() => JsonSerializer.Serialize(_shown.Document(_state.Current), StatusJson.Default.MigrationStatus);

    private sealed class Listener(long now)
    {
        /// <summary>What is to be told: one document, and a later one takes its place.</summary>
        public Channel<string> Told { get; } =
            Channel.CreateBounded<string>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });

        public long TakenAt { get; set; } = now;
    }
}
