namespace MigrationHost.Platform;

/// <summary>Which files are being read right now, by any thread: of many, the one can be named that does not answer.</summary>
/// <param name="time">The clock.</param>
internal sealed class FilesInHand(TimeProvider time)
{
    private readonly LinkedList<(string File, long At)> _held = [];
    private int _done;

    /// <summary>How many have been read.</summary>
    public int Done => Volatile.Read(ref _done);

    /// <summary>Reads a file, which is held until that has returned.</summary>
    public T Read<T>(string file, Func<T> read)
    {
        var held = Take(file);
        try
        {
            return read();
        }
        finally
        {
            Release(held);
        }
    }

    /// <summary>Begins to read a file.</summary>
    public LinkedListNode<(string File, long At)> Take(string file)
    {
        lock (_held)
            return _held.AddLast((file, time.GetTimestamp()));
    }

    /// <summary>It was read.</summary>
    public void Release(LinkedListNode<(string File, long At)> held)
    {
        lock (_held)
        {
            _held.Remove(held);
            _done++;
        }
    }

    /// <summary>The file that has been held for the longest time; null if that is shorter than this.</summary>
    public string? HeldFor(TimeSpan atLeast)
    {
        lock (_held)
            return _held.First is { Value: var (file, at) } && time.GetElapsedTime(at) >= atLeast ? file : null;
    }
}
