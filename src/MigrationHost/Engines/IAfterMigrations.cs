using MigrationHost.Running;
using MigrationHost.Scripts;

namespace MigrationHost.Engines;

/// <summary>What is done once the migrations are applied, under the turn, before the database is ready.</summary>
internal interface IAfterMigrations
{
    /// <summary>Whether it is to be done at every start, also when nothing is pending.</summary>
    bool AtEveryStart { get; }

    /// <summary>Takes in what was pending and is applied now, by this instance or by another.</summary>
    /// <param name="watch">The watch over this run.</param>
    /// <param name="applied">What was pending.</param>
    Task SeeAppliedAsync(Watch watch, IReadOnlyList<Migration> applied);

    /// <summary>Does it.</summary>
    /// <param name="watch">The watch over this run.</param>
    /// <param name="applied">What was applied in this start.</param>
    /// <exception cref="MigrationException">It failed.</exception>
    Task RunAsync(Watch watch, IReadOnlyList<Migration> applied);
}
