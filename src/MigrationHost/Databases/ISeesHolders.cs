namespace MigrationHost.Databases;

/// <summary>A turn that sees whoever is in the way of its next attempt, without making it.</summary>
internal interface ISeesHolders
{
    /// <summary>Whether anybody is in the way. Cheap: asked at every poll. False also if nobody can be seen.</summary>
    /// <param name="cancellationToken">Ends the question.</param>
    ValueTask<bool> IsHeldUpAsync(CancellationToken cancellationToken);
}
