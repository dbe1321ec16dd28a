using MigrationHost.Scripts;

namespace MigrationHost.Databases;

/// <summary>A turn in which several migrations can share one commit.</summary>
internal interface IGroupsMigrations
{
    /// <summary>How long a group may take, since whoever waits for one of its migrations waits for all of it.</summary>
    /// <param name="begins">Whether the history was empty at the start: then hardly anybody can be there yet.</param>
    /// <returns>The limit; zero if there is to be none.</returns>
    TimeSpan LongestGroup(bool begins);

    /// <summary>Whether a script does in a shared transaction what it does in one of its own, and nothing of it reaches the next
    /// one.</summary>
    bool MayShare(Migration script, ScriptText text);

    /// <summary>From now on a transaction of a migration is a part of one that all share: its commit only keeps its work for the
    /// common one, and its rollback is that of all.</summary>
    void BeginGroup();

    /// <summary>Whether the next migration needs a session as it is after connecting, and so cannot join.</summary>
    bool EndsGroup { get; }

    /// <summary>Tries to commit all of them. False: another lock was in the way, and nothing is kept.</summary>
    /// <exception cref="MigrationException">The commit failed; nothing is kept.</exception>
    ValueTask<bool> TryCommitGroupAsync(CancellationToken cancellationToken);

    /// <summary>Ends the group. What is not committed is rolled back.</summary>
    ValueTask EndGroupAsync();
}
