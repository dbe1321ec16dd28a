using MigrationHost.Platform;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Running;

/// <summary>
/// Takes looks at a database, one at a time, each on a thread of its own: a look that hangs holds up nobody else, and all who ask share it.
/// </summary>
/// <typeparam name="T">What a look gives.</typeparam>
/// <param name="database">The database's configured name.</param>
/// <param name="take">Takes one look.</param>
/// <param name="failed">What to give if a look could not be taken: the reason, in words.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Is told of a look that failed.</param>
internal sealed class SharedLook<T>(
    string database,
    Func<CancellationToken, ValueTask<T>> take,
    Func<string, T> failed,
    TimeProvider time,
    ILogger logger)
    where T : class
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    private readonly Lock _changing = new();
    private Task<(T Found, TimeSpan Took)>? _underWay;
    private (T Found, TimeSpan Took)? _latest;
    private long _latestAt;

    /// <summary>The latest look, however old it is; null before the first.</summary>
    public T? Latest
    {
        get
        {
            lock (_changing)
                return _latest?.Found;
        }
    }

    /// <summary>The latest look, or a new one if that is too old. Never throws.</summary>
    /// <param name="maxAge">How old it may be.</param>
    /// <param name="within">How long it may take; one second if left out.</param>
    /// <returns>What was found, and how long that took.</returns>
    public async Task<(T Found, TimeSpan Took)> TakeAsync(TimeSpan maxAge, TimeSpan? within = null)
    {
        var look = Begin(maxAge, within ?? Longest);
        var first = await Task.WhenAny(look, Task.Delay(within ?? Longest, time)).ConfigureAwait(false);
        return first == look
            ? await look.ConfigureAwait(false)
            : (failed($"the diagnosis did not finish within {Duration.Say(within ?? Longest)}"), within ?? Longest);
    }

    private Task<(T Found, TimeSpan Took)> Begin(TimeSpan maxAge, TimeSpan within)
    {
        lock (_changing)
        {
            if (_latest is { } latest && time.GetElapsedTime(_latestAt) <= maxAge)
                return Task.FromResult(latest);
            if (_underWay is not null)
                return _underWay;
            var began = time.GetTimestamp();
            var done = new TaskCompletionSource<(T, TimeSpan)>(TaskCreationOptions.RunContinuationsAsynchronously);
            _underWay = done.Task;
            BackgroundThread.Start("migrationhost-diagnosis", () => End(done, Take(within), began), e => End(done, Failed(e), began));
            return done.Task;
        }
    }

    private T Take(TimeSpan within)
    {
        using var limit = new CancellationTokenSource(within, time);
        return take(limit.Token).AsTask().GetAwaiter().GetResult();
    }

    // Whatever goes wrong in a look must not harm the migration that it is about.
    private T Failed(Exception e)
    {
        if (e is MigrationException known)
            return failed(known.Message);
        Log.DiagnosisFailed(logger, database, e);
        return failed($"the diagnosis failed: {e.Message}");
    }

    private void End(TaskCompletionSource<(T, TimeSpan)> done, T look, long began)
    {
        var now = time.GetTimestamp();
        var found = (look, time.GetElapsedTime(began, now));
        lock (_changing)
            (_latest, _latestAt, _underWay) = (found, now, null);
        done.SetResult(found);
    }
}
