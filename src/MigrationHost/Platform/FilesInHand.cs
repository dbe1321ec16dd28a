namespace MigrationHost.Platform;

/// <summary>Which files are being read right now, by any thread: of many, the one can be named that does not answer.</summary>
/// <param name="all">What to name while none of them is open.</param>
internal sealed class FilesInHand(string all)
{
    private readonly LinkedList<string> _open = [];

    /// <summary>Reads a file, which is in hand until that has returned.</summary>
    public T Read<T>(string file, Func<T> read)
    {
        LinkedListNode<string> node;
        lock (_open)
            node = _open.AddLast(file);
        try
        {
            return read();
        }
        finally
        {
            lock (_open)
                _open.Remove(node);
        }
    }

    /// <summary>The one that has been in hand for the longest time, in words that follow "for": <c>migrations/1_a.sql to be read</c>.</summary>
    public override string ToString()
    {
        lock (_open)
            return $"{_open.First?.Value ?? all} to be read";
    }
}
