namespace MigrationHost;

/// <summary>
/// Time limits. What is null fills up from <c>MigrationHost:Timeouts</c>, then from the defaults.
/// Each is longer than zero and at most 24 days.
/// </summary>
public sealed class TimeoutOptions
{
    /// <summary>For the database to come up. Default: one minute.</summary>
    public TimeSpan? DatabaseWait { get; set; }

    /// <summary>
    /// For another instance of ours to finish; starts again at every sign of progress of that instance. Default: 20 minutes.
    /// </summary>
    public TimeSpan? Turn { get; set; }

    /// <summary>In all, per migration, for locks that others hold. Default: two minutes.</summary>
    public TimeSpan? Lock { get; set; }

    /// <summary>For one attempt at such a lock; also how long a waiting commit may keep new readers out. Default: three seconds.</summary>
    public TimeSpan? LockAttempt { get; set; }

    /// <summary>For one migration's own work, waits not counted. Default: 15 minutes.</summary>
    public TimeSpan? Migration { get; set; }

    /// <summary>For the seeding of an Entity Framework Core context. Default: five minutes.</summary>
    public TimeSpan? Seeding { get; set; }

    /// <summary>Without progress for this long a diagnosis is taken. Default: two seconds.</summary>
    public TimeSpan? StallAfter { get; set; }

    /// <summary>Between cancelling and giving up. Default: five seconds.</summary>
    public TimeSpan? Grace { get; set; }
}
