namespace MigrationHost.Databases;

/// <summary>The outcome of a try to take the turn.</summary>
/// <param name="Turn">The turn; null if another instance has it, or something is missing for it.</param>
/// <param name="Holder">Who has it, if that is visible.</param>
internal sealed record TurnAttempt(ITurn? Turn, TurnHolder? Holder = null)
{
    /// <summary>What is missing for it, if no other instance is in the way.</summary>
    public Unavailable? Lacks { get; init; }

    /// <summary>Whether another instance had it and has it no more: what was pending may be done, and then nobody needs the turn.</summary>
    public bool WasHandedOn { get; init; }
}
