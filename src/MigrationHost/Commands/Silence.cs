namespace MigrationHost.Commands;

/// <summary>When a report that has said nothing for a while says what is going on: after 10 s, and as long as nothing else is said, each
/// time after twice as long, at most 5 minutes.</summary>
internal sealed class Silence(TimeProvider clock)
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    private long _since = clock.GetTimestamp();
    private TimeSpan _limit = First;

    /// <summary>Something was said.</summary>
    public void Break() => Begin(First);

    /// <summary>Whether it is time to say something. The next silence then begins.</summary>
    public bool IsOver()
    {
        if (clock.GetElapsedTime(_since) < _limit)
            return false;
        Begin(_limit * 2 < Longest ? _limit * 2 : Longest);
        return true;
    }

    private void Begin(TimeSpan limit) => (_since, _limit) = (clock.GetTimestamp(), limit);
}
