namespace MigrationHost.Running;

/// <summary>
/// How many databases are worked on at a time: hundreds at once would take a server all the connections that it has. Who does not get on
/// lends its place to the next, so that what is blocked holds up nobody else.
/// </summary>
/// <param name="free">The places that are free.</param>
internal sealed class Places(SemaphoreSlim free)
{
    /// <summary>Waits for a place. A run that is told to stop needs none: it begins nothing.</summary>
    /// <param name="waits">Called if none is free.</param>
    /// <param name="stopping">The process is told to stop.</param>
    public async Task<Place> TakeAsync(Action waits, CancellationToken stopping)
    {
        if (free.Wait(0, CancellationToken.None))
            return new Place(free);
        waits();
        try
        {
            await free.WaitAsync(stopping).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return new Place(null);
        }
        return new Place(free);
    }

    /// <summary>A place, until it is given back for the first time.</summary>
    internal sealed class Place(SemaphoreSlim? taken) : IDisposable
    {
        private SemaphoreSlim? _taken = taken;

        public void Dispose() => Interlocked.Exchange(ref _taken, null)?.Release();
    }
}
