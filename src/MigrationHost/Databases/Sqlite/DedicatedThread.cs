using System.Collections.Concurrent;
using MigrationHost.Platform;

namespace MigrationHost.Databases.Sqlite;

/// <summary>A thread of its own for one session: SQLite's calls block, and one that never comes back must cost a thread, not the pool.</summary>
/// <remarks>Who awaits something done here goes on here, up to the next await: a run of many short calls then never changes threads, and a starved pool does not slow it down.</remarks>
internal sealed class DedicatedThread : IAsyncDisposable
{
    private readonly BlockingCollection<Task> _work = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public DedicatedThread(string name)
    {
        BackgroundThread.Start(name, Run, _ => _ended.TrySetResult());
    }

    public Task<T> RunAsync<T>(Func<T> work)
    {
        var task = new Task<T>(work);
        _work.Add(task);
        return task;
    }

    public Task RunAsync(Action work)
    {
        var task = new Task(work);
        _work.Add(task);
        return task;
    }

    /// <summary>Ends the thread once what was asked for is done.</summary>
    public async ValueTask DisposeAsync()
    {
        _work.CompleteAdding();
        await _ended.Task.ConfigureAwait(false);
        _work.Dispose();
    }

    private void Run()
    {
        foreach (var task in _work.GetConsumingEnumerable())
            task.RunSynchronously();
        _ended.SetResult();
    }
}
