namespace MigrationHost.Platform;

/// <summary>Threads of our own. An exception that left one would end the whole process without a word, so none does.</summary>
internal static class BackgroundThread
{
    /// <summary>Starts a thread that does not keep the process alive.</summary>
    /// <param name="name">Its name, for debuggers.</param>
    /// <param name="work">What it does.</param>
    /// <param name="failed">Is told what the work threw; null if the work says itself what went wrong.</param>
    /// <param name="priority">Its priority.</param>
    public static Thread Start(
        string name, Action work, Action<Exception>? failed = null, ThreadPriority priority = ThreadPriority.Normal)
    {
        var thread = new Thread(() => Run(work, failed)) { IsBackground = true, Name = name, Priority = priority };
        thread.Start();
        return thread;
    }

    private static void Run(Action work, Action<Exception>? failed)
    {
        try
        {
            work();
        }
        catch (Exception e)
        {
            // The edge of the thread, and nobody is left to be told if telling fails too.
            TryTell(failed, e);
        }
    }

    private static void TryTell(Action<Exception>? failed, Exception what)
    {
        try
        {
            failed?.Invoke(what);
        }
        catch (Exception)
        {
            // As above.
        }
    }
}
