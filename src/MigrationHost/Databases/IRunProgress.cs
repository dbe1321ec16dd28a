namespace MigrationHost.Databases;

/// <summary>What a database tells the run while it works, and what the run lets those see who wait for their turn.</summary>
internal interface IRunProgress
{
    /// <summary>A statement begins.</summary>
    /// <param name="number">Which, counted from 1.</param>
    /// <param name="total">Of how many; null where that is not known.</param>
    /// <param name="line">The line of the script on which it begins.</param>
    void StatementStarted(int number, int? total, int line);

    /// <summary>A lock was refused in the middle of a statement that is to try again. Blocks for a moment; the wait is over with the next <see cref="Advance"/>.</summary>
    /// <param name="what">What is waited for, in words.</param>
    /// <returns>Whether to try again; false once this attempt's time is up.</returns>
    bool Refused(string what);

    /// <summary>For how long a statement may wait inside the database for somebody's lock before it is to be refused: one attempt, and no more than what is left of all.</summary>
    TimeSpan LockAttempt { get; }

    /// <summary>Work went on: called often, by whichever thread works.</summary>
    void Advance();

    /// <summary>Changes with every <see cref="Advance"/>.</summary>
    long Mark { get; }

    /// <summary>What the run is doing, in words.</summary>
    string Doing { get; }

    /// <summary>What a long statement is doing, in words: the evidence that slow is not hung. Null: nothing is known beyond that it runs.</summary>
    void Does(string? activity);

    /// <summary>A statement under way is seen to wait inside the server for somebody's lock. Such a wait counts against the limit of locks, not of work.</summary>
    /// <param name="what">What it waits for, in words; null once it goes on.</param>
    /// <param name="waited">For how long it had waited already when that was seen; zero where it is not known.</param>
    void WaitsForLock(string? what, TimeSpan waited);

    /// <summary>The server has ended the statement, which waited for a lock for as long as it may.</summary>
    /// <param name="ran">For how long it ran in all: of that, up to <see cref="LockAttempt"/> counts as waited, even where it was not seen while it lasted.</param>
    void LockRefused(TimeSpan ran);

    /// <summary>The server has something to say, a NOTICE or WARNING.</summary>
    void Said(string severity, string message);
}
