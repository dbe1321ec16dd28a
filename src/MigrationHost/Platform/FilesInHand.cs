namespace MigrationHost.Platform;

/// <summary>Which files are being read right now, by any thread: of many, the one can be named that does not answer.</summary>
/// <param name="time">The clock.</param>
internal sealed class FilesInHand(TimeProvider time)
{
    /// <summary>Up to so many files are read one after the other: what reads in parallel takes longer to load.</summary>
    private const int Few = 50;

    private readonly LinkedList<Held> _held = [];
    private int _done;

    /// <summary>How many have been read.</summary>
    public int Done => Volatile.Read(ref _done);

    /// <summary>Does something with each of so many files.</summary>
    public static void Each(int count, Action<int> read)
    {
        if (count > Few)
        {
            Parallel.For(0, count, read);
            return;
        }
        for (var i = 0; i < count; i++)
            read(i);
    }

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
    public LinkedListNode<Held> Take(string file)
    {
        lock (_held)
            return _held.AddLast(new Held(file, time.GetTimestamp()));
    }

    /// <summary>It was read.</summary>
    public void Release(LinkedListNode<Held> held)
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
            return _held.First?.Value is { } longest && time.GetElapsedTime(longest.At) >= atLeast ? longest.File : null;
    }

    /// <summary>A file, and since when it is being read.</summary>
    internal sealed record Held(string File, long At);
}
