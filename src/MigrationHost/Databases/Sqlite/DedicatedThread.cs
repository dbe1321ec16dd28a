using System.Collections.Concurrent;
using MigrationHost.Platform;

namespace MigrationHost.Databases.Sqlite;

/// <summary>
/// A thread of its own for one run, or for a session outside of one: SQLite's calls block, and one that never comes back must cost a
/// thread, not the pool.
/// </summary>
/// <remarks>
/// What is asked for on the thread itself is done at once, and who awaits something done here continues here: a run of many short calls
/// then never changes threads, hardly ever suspends, and is not slowed down by a starved pool.
/// </remarks>
internal sealed class DedicatedThread
{
    private const string Name = "migrationhost-sqlite";

    [ThreadStatic]
    private static DedicatedThread? _ofRun;

    private readonly BlockingCollection<Task> _work = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread _thread;

    public DedicatedThread()
        : this(isOfRun: false)
    {
    }

    private DedicatedThread(bool isOfRun)
    {
        _thread = BackgroundThread.Start(
            Name,
            () =>
            {
                _ofRun = isOfRun ? this : null;
                DoAll();
            },
            _ => _ended.TrySetResult());
    }

    /// <summary>The thread of the run that is under way here; null on any other thread.</summary>
    public static DedicatedThread? OfRun => _ofRun;

    /// <summary>Begins a run on a thread of its own, which ends with it.</summary>
    public static Task RunAsync(Func<Task> run)
    {
        var thread = new DedicatedThread(isOfRun: true);
        var whole = thread.RunAsync<Task>(run).Unwrap();
        whole.ContinueWith(
            _ => thread._work.CompleteAdding(),
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        return whole;
    }

    public Task<T> RunAsync<T>(Func<T> work)
    {
        var task = new Task<T>(work);
        Do(task);
        return task;
    }

    public Task RunAsync(Action work)
    {
        var task = new Task(work);
        Do(task);
        return task;
    }

    /// <summary>Ends the thread once what was asked for is done.</summary>
    public Task EndAsync()
    {
        _work.CompleteAdding();
        return _ended.Task;
    }

    private void Do(Task task)
    {
        if (Thread.CurrentThread == _thread)
            task.RunSynchronously(TaskScheduler.Default);
        else
            _work.Add(task);
    }

    private void DoAll()
    {
        foreach (var task in _work.GetConsumingEnumerable())
            task.RunSynchronously(TaskScheduler.Default);
        _ended.SetResult();
        _work.Dispose();
    }
}
