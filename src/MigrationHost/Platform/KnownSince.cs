namespace MigrationHost.Platform;

/// <summary>Remembers since when something was seen, for as long as it is seen every time.</summary>
internal sealed class KnownSince<T>(TimeProvider time) where T : notnull
{
    private readonly Lock _changing = new();
    private Dictionary<T, long> _since = [];

    /// <summary>For each thing seen now, how long it has been seen without a break.</summary>
    public Dictionary<T, TimeSpan> Seen(IEnumerable<T> now)
    {
        lock (_changing)
        {
            var at = time.GetTimestamp();
            _since = now.Distinct().ToDictionary(thing => thing, thing => _since.GetValueOrDefault(thing, at));
            return _since.ToDictionary(pair => pair.Key, pair => time.GetElapsedTime(pair.Value, at));
        }
    }
}
