using MigrationHost.Running;
using MigrationHost.Scripts;

namespace MigrationHost.Engines;

/// <summary>Another tool that applies migrations in its own way, in place of our running their scripts one by one. What is looked at
/// before, the turn, and the reading back are the same.</summary>
internal interface IForeignMigrator
{
    /// <summary>Whether it is to be called at every start, also when nothing is pending.</summary>
    bool AtEveryStart { get; }

    /// <summary>What to do instead of a command for which MigrationHost would have to know the scripts.</summary>
    /// <param name="command"><c>script</c> or <c>down</c>.</param>
    string InsteadOf(string command);

    /// <summary>Applies all that is pending. It has the turn.</summary>
    /// <param name="watch">The watch over this run.</param>
    /// <param name="pending">What is pending, in its order.</param>
    /// <param name="target">The last migration to apply; null for all.</param>
    /// <exception cref="MigrationException">It failed.</exception>
    Task ApplyAsync(Watch watch, IReadOnlyList<Migration> pending, string? target);
}
