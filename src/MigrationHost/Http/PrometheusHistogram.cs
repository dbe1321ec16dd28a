namespace MigrationHost.Http;

/// <summary>What was recorded in a histogram, counted by bucket.</summary>
/// <param name="bounds">The highest value of each bucket but the last, which has none.</param>
internal sealed class PrometheusHistogram(IReadOnlyList<double> bounds)
{
    private readonly long[] _counts = new long[bounds.Count + 1];

    public double Sum { get; private set; }

    public long Count => _counts.Sum();

    /// <summary>How many values were at most so high, for each bucket: the later ones include the earlier.</summary>
    public IEnumerable<(double Bound, long Count)> Buckets
    {
        get
        {
            long upTo = 0;
            foreach (var (index, count) in _counts.Index())
                yield return (index < bounds.Count ? bounds[index] : double.PositiveInfinity, upTo += count);
        }
    }

    public void Record(double value)
    {
        var bucket = 0;
        while (bucket < bounds.Count && value > bounds[bucket])
            bucket++;
        _counts[bucket]++;
        Sum += value;
    }
}
