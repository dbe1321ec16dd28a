namespace MigrationHost.Running;

/// <summary>Finds out who is in the way of what a run does. Never throws, and never takes longer than it may.</summary>
/// <param name="maxAge">How old the finding may be.</param>
/// <param name="within">How long the look may take.</param>
internal delegate Task<Finding> Lookout(TimeSpan maxAge, TimeSpan within);
