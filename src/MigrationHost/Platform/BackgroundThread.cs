namespace MigrationHost.Platform;

/// <summary>Threads of our own. An exception that left one would end the whole process without a word, so none does.</summary>
internal static class BackgroundThread
{
    /// <summary>Starts a thread that does not keep the process alive.</summary>
    /// <param name="name">Its name, for debuggers.</param>
    /// <param name="work">What it does.</param>
    /// <param name="failed">Is told what the work threw; must not throw itself.</param>
    /// <param name="priority">Its priority.</param>
    public static Thread Start(string name, Action work, Action<Exception> failed, ThreadPriority priority = ThreadPriority.Normal)
    {
        var thread = new Thread(() => Run(work, failed)) { IsBackground = true, Name = name, Priority = priority };
        thread.Start();
        return thread;
    }

    private static void Run(Action work, Action<Exception> failed)
    {
        try
        {
            work();
        }
        catch (Exception e)
        {
            failed(e);
        }
    }
}
