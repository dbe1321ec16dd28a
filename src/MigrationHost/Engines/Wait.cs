using MigrationHost.Databases;

namespace MigrationHost.Engines;

/// <summary>The one wait loop: tries, sleeps a moment, tries again, until granted, cancelled or out of time. The time of all its rounds counts together.</summary>
/// <remarks>It shows in the status from its first refusal until it is disposed, or what it waited for has been granted and worked with for a while.</remarks>
internal sealed class Wait(Watch watch, TimeSpan limit, MigrationErrorCode whenOver, TimeSpan pollInterval, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private TimeSpan _pause = ShortestPause;

    /// <summary>What is waited for, in words.</summary>
    public string What { get; set; } = "";

    /// <summary>What to do if it does not come, where nobody who is in the way says more.</summary>
    public string? Remedy { get; set; }

    public TimeSpan Limit { get; } = limit;

    public Clock Clock { get; } = new(time);

    /// <summary>How long one attempt may take: no longer than what is left of all.</summary>
    public TimeSpan Attempt(TimeSpan attempt) => Limit - Clock.Elapsed is var left && left < attempt ? (left > Shortest ? left : Shortest) : attempt;

    /// <summary>The failure that a wait ends with when its time is up.</summary>
    public MigrationErrorCode WhenOver { get; } = whenOver;

    /// <summary>Tries until granted.</summary>
    /// <exception cref="MigrationException">The time is up: the message names who is in the way.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public async Task<T> UntilAsync<T>(string what, Func<ValueTask<T?>> tryOnce) where T : class
    {
        T? granted = null;
        await PollAsync(what, null, async () => (granted = await tryOnce().ConfigureAwait(false)) is not null).ConfigureAwait(false);
        return granted!;
    }

    /// <summary>Tries once. That is no wait, unless it does not come back: what is stuck in a driver shows, and ends, like any other wait.</summary>
    /// <remarks>Goes on where the try has ended: a lock that keeps others out meanwhile must not depend on the thread pool, which a starting application may have starved.</remarks>
    /// <returns>Whether it was granted.</returns>
    public async Task<bool> OnceAsync(string what, Func<ValueTask<bool>> tryOnce)
    {
        using var late = new LateWait(watch, this, what, time);
        return await tryOnce().ConfigureAwait(false);
    }

    /// <summary>Lets others come in before the next attempt; each pause is longer than the one before, up to a limit. It ends early once somebody who was seen in the way is gone.</summary>
    /// <param name="turn">Sees who is in the way.</param>
    public async Task PauseAsync(ITurn turn)
    {
        var pause = Jittered(_pause);
        _pause = _pause * 2 < LongestPause ? _pause * 2 : LongestPause;
        var seen = false;
        await PollAsync(What, pause, () =>
        {
            var was = seen;
            seen = turn.IsHeldUp;
            return ValueTask.FromResult(was && !seen);
        }).ConfigureAwait(false);
    }

    /// <summary>How long to sleep before the next try.</summary>
    public TimeSpan NextPause() => Jittered(pollInterval);

    public void Dispose() => watch.Ends(this);

    private async Task<bool> PollAsync(string what, TimeSpan? attempt, Func<ValueTask<bool>> tryOnce)
    {
        if (await OnceAsync(what, tryOnce).ConfigureAwait(false))
            return true;
        What = what;
        var began = Clock.Elapsed;
        watch.Waits(this);
        try
        {
            while (attempt is null || Clock.Elapsed - began < attempt)
            {
                if (Clock.Elapsed >= Limit)
                    throw await watch.OutOfTimeAsync(this).ConfigureAwait(false);
                await Task.Delay(NextPause(), time, watch.Token).ConfigureAwait(false);
                if (await tryOnce().ConfigureAwait(false))
                    return true;
            }
            return false;
        }
        finally
        {
            watch.GoesOn(this);
        }
    }

    // Half to one and a half times: waiters that began together do not come back together.
    private static TimeSpan Jittered(TimeSpan interval) => interval * (0.5 + Random.Shared.NextDouble());
}
