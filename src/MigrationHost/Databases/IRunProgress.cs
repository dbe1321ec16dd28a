namespace MigrationHost.Databases;

/// <summary>What a database tells the run while it works, and what the run lets those see who wait for their turn.</summary>
internal interface IRunProgress
{
    /// <summary>A statement begins.</summary>
    /// <param name="number">Which, counted from 1.</param>
    /// <param name="total">Of how many; null where that is not known.</param>
    /// <param name="line">The line of the script on which it begins.</param>
    void StatementStarted(int number, int? total, int line);

    /// <summary>Work went on: called often, by whichever thread works.</summary>
    void Advance();

    /// <summary>Changes with every <see cref="Advance"/>.</summary>
    long Mark { get; }

    /// <summary>What the run is doing, in words.</summary>
    string Doing { get; }

    /// <summary>What a long statement is doing, in words: the evidence that slow is not hung. Null: nothing is known beyond that it runs.</summary>
    void Does(string? activity);

    /// <summary>A statement under way waits inside the server for somebody's lock; null once it goes on. Such a wait counts against the limit of locks, not of work.</summary>
    void WaitsForLock(string? what);

    /// <summary>The statement was refused the lock it waited for inside the database.</summary>
    /// <param name="waited">For how long it waited in all: what was not seen while it lasted counts too.</param>
    void LockRefused(TimeSpan waited);

    /// <summary>The server has something to say, a NOTICE or WARNING.</summary>
    void Said(string severity, string message);
}
