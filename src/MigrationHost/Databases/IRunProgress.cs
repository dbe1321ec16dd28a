namespace MigrationHost.Databases;

/// <summary>What a database tells the run while it works, and what the run lets those see who wait for their turn.</summary>
internal interface IRunProgress
{
    /// <summary>A statement begins.</summary>
    /// <param name="number">Which, counted from 1.</param>
    /// <param name="total">Of how many; null where that is not known.</param>
    /// <param name="line">The line of the script on which it begins.</param>
    void StatementStarted(int number, int? total, int line);

    /// <summary>A lock was refused in the middle of a statement. Blocks for a moment; the wait is over with the next <see cref="Advance"/>.</summary>
    /// <returns>Whether to try again; false once this attempt's time is up.</returns>
    bool Refused();

    /// <summary>Work went on: called often, by whichever thread works.</summary>
    void Advance();

    /// <summary>Changes with every <see cref="Advance"/>.</summary>
    long Mark { get; }

    /// <summary>What the run is doing, in words.</summary>
    string Doing { get; }
}
