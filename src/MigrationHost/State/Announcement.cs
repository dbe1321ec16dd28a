namespace MigrationHost;

/// <summary>Tells a listener that something has changed, on a thread of the pool: whoever makes the change never waits for it. Changes that
/// come while it listens are told together, and the latest always is.</summary>
/// <param name="listener">What to do then. What it throws is lost: a listener must not harm a run.</param>
internal sealed class Announcement(Action listener)
{
    private int _untold;

    public void Make()
    {
        if (Interlocked.Increment(ref _untold) == 1)
            ThreadPool.UnsafeQueueUserWorkItem(static announcement => announcement.Tell(), this, preferLocal: false);
    }

    private void Tell()
    {
        int told;
        do
        {
            told = Volatile.Read(ref _untold);
            try
            {
                listener();
            }
            catch (Exception)
            {
                // As said above.
            }
        }
        while (Interlocked.CompareExchange(ref _untold, 0, told) != told);
    }
}
