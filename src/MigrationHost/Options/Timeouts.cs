namespace MigrationHost;

/// <summary>The limits of one database, filled up: its own, else the host's, else the defaults.</summary>
internal sealed record Timeouts
{
    public static readonly Timeouts Default = new()
    {
        DatabaseWait = TimeSpan.FromMinutes(1),
        Turn = TimeSpan.FromMinutes(20),
        Lock = TimeSpan.FromMinutes(2),
        LockAttempt = TimeSpan.FromSeconds(3),
        Migration = TimeSpan.FromMinutes(15),
        Seeding = TimeSpan.FromMinutes(5),
        StallAfter = TimeSpan.FromSeconds(2),
        Grace = TimeSpan.FromSeconds(5),
    };

    public required TimeSpan DatabaseWait { get; init; }
    public required TimeSpan Turn { get; init; }
    public required TimeSpan Lock { get; init; }
    public required TimeSpan LockAttempt { get; init; }
    public required TimeSpan Migration { get; init; }
    public required TimeSpan Seeding { get; init; }
    public required TimeSpan StallAfter { get; init; }
    public required TimeSpan Grace { get; init; }

    public static Timeouts For(TimeoutOptions database, TimeoutOptions host) => Default.FilledFrom(host).FilledFrom(database);

    private Timeouts FilledFrom(TimeoutOptions options) => new()
    {
        DatabaseWait = options.DatabaseWait ?? DatabaseWait,
        Turn = options.Turn ?? Turn,
        Lock = options.Lock ?? Lock,
        LockAttempt = options.LockAttempt ?? LockAttempt,
        Migration = options.Migration ?? Migration,
        Seeding = options.Seeding ?? Seeding,
        StallAfter = options.StallAfter ?? StallAfter,
        Grace = options.Grace ?? Grace,
    };
}
