using MigrationHost.Databases;

namespace MigrationHost.Running;

/// <summary>
/// The one wait loop: tries, sleeps a moment, tries again, until granted or cancelled. The time of all its rounds counts against one
/// budget; the watchdog cancels the run once that is used up.
/// </summary>
/// <remarks>
/// It shows in the status from its first refusal until it is disposed, or until the run has worked for a while with what was granted.
/// </remarks>
internal sealed class Wait(Watch watch, Budget budget, TimeSpan pollInterval, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan ShortestAttempt = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    /// <summary>After so long nobody minds a few milliseconds more: until then the pauses between two tries are shorter, a fifth at
    /// first.</summary>
    private static readonly TimeSpan Patient = TimeSpan.FromSeconds(5);

    private TimeSpan _pause = ShortestPause;

    /// <summary>What is waited for, in words. It may become known only while trying.</summary>
    public string What { get; set; } = "";

    /// <summary>What to do if it takes too long and nobody is in the way.</summary>
    public string? Remedy { get; set; }

    public Budget Budget => budget;

    public TimeSpan Spent => watch.Spent(budget);

    /// <summary>How long one attempt may take: no longer than what is left of all.</summary>
    public TimeSpan Attempt(TimeSpan attempt) =>
        budget.Limit - Spent is var left && left < attempt ? (left > ShortestAttempt ? left : ShortestAttempt) : attempt;

    /// <summary>Tries until granted.</summary>
    /// <exception cref="OperationCanceledException">The run was cancelled: by the watchdog if the time was up.</exception>
    public async Task<T> UntilAsync<T>(string what, Func<ValueTask<T?>> tryOnce) where T : class
    {
        What = what;
        using var turned = watch.Turn(Doing(ActivityKind.Trying));
        T? granted;
        while ((granted = await tryOnce().ConfigureAwait(false)) is null)
        {
            watch.TurnTo(Doing(ActivityKind.Waiting));
            await Task.Delay(NextPause(), time, watch.Token).ConfigureAwait(false);
        }
        return granted;
    }

    /// <summary>
    /// Lets others come in before the next attempt; each pause is longer than the one before, up to a limit. It ends early
    /// once somebody who was seen in the way is gone.
    /// </summary>
    /// <param name="holders">Sees whether anybody is in the way; null if nobody can be seen.</param>
    public async Task PauseAsync(ISeesHolders? holders)
    {
        using var turned = watch.Turn(Doing(ActivityKind.Waiting));
        var (began, pause, seen) = (time.GetTimestamp(), Jittered(_pause), false);
        _pause = _pause * 2 < LongestPause ? _pause * 2 : LongestPause;
        while (time.GetElapsedTime(began) < pause)
        {
            var was = seen;
            seen = holders is not null && await holders.IsHeldUpAsync(watch.Token).ConfigureAwait(false);
            if (was && !seen)
                return;
            await Task.Delay(NextPause(), time, watch.Token).ConfigureAwait(false);
        }
    }

    /// <summary>The one that is waited for has made progress: the time counts anew.</summary>
    public void Renew() => watch.Handle(new RunEvent.Renewed(budget));

    /// <summary>How long to sleep before the next try.</summary>
    public TimeSpan NextPause() => Jittered(pollInterval * Math.Clamp(Spent / Patient, 0.2, 1));

    public Activity Doing(ActivityKind kind) => watch.Lookable(kind, What, budget) with { Remedy = Remedy };

    public void Dispose() => watch.Handle(new RunEvent.Closed(budget));

    // Half to one and a half times: waiters that began together do not come back together.
    private static TimeSpan Jittered(TimeSpan interval) => interval * (0.5 + Random.Shared.NextDouble());
}
