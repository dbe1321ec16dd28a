namespace MigrationHost.Tools;

/// <summary>The last lines of a tool's output, for the message of its failure.</summary>
internal sealed class LastLines
{
    public const int Most = 200;

    private readonly Queue<string> _lines = new();

    public void Add(string line)
    {
        lock (_lines)
        {
            if (_lines.Count == Most)
                _lines.Dequeue();
            _lines.Enqueue(line);
        }
    }

    public IReadOnlyList<string> Read()
    {
        lock (_lines)
            return [.. _lines];
    }
}
