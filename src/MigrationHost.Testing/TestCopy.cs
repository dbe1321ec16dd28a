namespace MigrationHost.Testing;

/// <summary>The database of one test.</summary>
/// <param name="ConnectionString">How the application connects to it.</param>
/// <param name="Drop">Removes it.</param>
internal sealed record TestCopy(string ConnectionString, Func<ValueTask> Drop)
{
    private int _dropped;

    /// <summary>Removes it; a second call does nothing.</summary>
    public ValueTask DropAsync() => Interlocked.Exchange(ref _dropped, 1) == 0 ? Drop() : ValueTask.CompletedTask;
}
