namespace MigrationHost.Platform;

/// <summary>Which files are being read right now, by any thread: of many, the one can be named that does not answer.</summary>
/// <param name="time">The clock.</param>
internal sealed class FilesInHand(TimeProvider time)
{
    /// <summary>Up to so many files are read one after the other: what reads in parallel takes longer to load.</summary>
    private const int Few = 50;

    /// <summary>How many are known at a time. Of more that do not answer, these are the oldest.</summary>
    private const int Most = 64;

    private readonly Held?[] _held = new Held?[Most];
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

    /// <summary>Begins to read a file. Never waits for another thread that does the same.</summary>
    public Held Take(string file)
    {
        var (held, first) = (new Held(file, time.GetTimestamp()), Environment.CurrentManagedThreadId);
        for (var i = 0; i < Most; i++)
        {
            if (Interlocked.CompareExchange(ref _held[(first + i) % Most], held, null) is null)
            {
                held.Place = (first + i) % Most;
                break;
            }
        }
        return held;
    }

    /// <summary>It was read.</summary>
    public void Release(Held held)
    {
        if (held.Place is { } place)
            Volatile.Write(ref _held[place], null);
        Interlocked.Increment(ref _done);
    }

    /// <summary>The file that has been held for the longest time; null if that is shorter than this.</summary>
    public string? HeldFor(TimeSpan atLeast)
    {
        Held? longest = null;
        for (var i = 0; i < Most; i++)
        {
            if (Volatile.Read(ref _held[i]) is { } held && (longest is null || held.At < longest.At))
                longest = held;
        }
        return longest is not null && time.GetElapsedTime(longest.At) >= atLeast ? longest.File : null;
    }

    /// <summary>A file, and since when it is being read.</summary>
    internal sealed class Held(string file, long at)
    {
        public string File => file;

        public long At => at;

        /// <summary>Where it is noted; null if there was no place.</summary>
        public int? Place { get; set; }
    }
}
