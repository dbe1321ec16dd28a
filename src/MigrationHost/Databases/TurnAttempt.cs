namespace MigrationHost.Databases;

/// <summary>The outcome of a try to take the turn.</summary>
/// <param name="Turn">The turn; null where another instance has it.</param>
/// <param name="Holder">Who has it, where that can be seen.</param>
internal readonly record struct TurnAttempt(ITurn? Turn, TurnHolder? Holder = null);
