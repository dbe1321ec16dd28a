using MigrationHost.Scripts;

namespace MigrationHost.Databases;

/// <summary>A session that knows other places in the same database where a history may have been left.</summary>
internal interface IFindsHistoryElsewhere
{
    /// <summary>Where these migrations have a history other than where we look, in words with the remedy; empty if nowhere. Null:
    /// somebody's lock keeps readers out right now. Asked only if ours is empty.</summary>
    /// <param name="migrations">The migrations.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    ValueTask<IReadOnlyList<(string Where, string Remedy)>?> TryFindHistoryElsewhereAsync(
        IReadOnlyList<Migration> migrations, CancellationToken cancellationToken);
}
