namespace MigrationHost.Tests.Support;

/// <summary>Somebody who holds a lock until released.</summary>
/// <param name="Pid">The pid that a diagnosis is to name.</param>
/// <param name="Program">The program that it is to name; null where the test cannot know.</param>
/// <param name="Release">Lets go.</param>
internal sealed record LockHolder(int Pid, string? Program, Func<Task> Release) : IAsyncDisposable
{
    private bool _released;

    /// <summary>Stops its process where it is, without an end; null where the test cannot.</summary>
    public Action? Freeze { get; init; }

    public async Task ReleaseAsync()
    {
        if (_released)
            return;
        _released = true;
        await Release();
    }

    public async ValueTask DisposeAsync() => await ReleaseAsync();
}
