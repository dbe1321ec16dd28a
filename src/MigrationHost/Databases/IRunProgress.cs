namespace MigrationHost.Databases;

/// <summary>What a database reports to the run while it works, and what the run shows to those who wait for their turn.</summary>
internal interface IRunProgress
{
    /// <summary>
    /// For how long a statement may wait inside the database for a lock before it is refused: one
    /// attempt, and no more than what is left of all.
    /// </summary>
    TimeSpan LockAttempt { get; }

    /// <summary>What is left of all waits for locks: for what cannot be tried a second time.</summary>
    TimeSpan LockLeft { get; }

    /// <summary>Changes with every <see cref="Advance"/>.</summary>
    long Mark { get; }

    /// <summary>What the run is doing, in words.</summary>
    string Doing { get; }

    /// <summary>Work went on, and nothing is refused any more: called often, by whichever thread works.</summary>
    void Advance();

    /// <summary>What was refused is granted or given up. The same work done once more is no progress, to others least of all.</summary>
    void Resume();

    /// <summary>Something happened that is worth more than <see cref="Advance"/>.</summary>
    void Tell(Progress progress);

    /// <summary>
    /// A lock was refused in the middle of a statement. Blocks for a moment; the wait is over with the next <see cref="Resume"/>.
    /// </summary>
    /// <param name="what">What is waited for, in words.</param>
    /// <returns>Whether to try again; false once this attempt's time is up.</returns>
    bool MayTryAgain(string what);
}
