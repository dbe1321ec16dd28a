namespace MigrationHost.Databases;

/// <summary>A look at a database's locks, from the point of view of a tool that works on it.</summary>
/// <param name="Locks">Everybody, and of these as blockers those in the tool's way.</param>
/// <param name="BlocksItself">Whether the tool's own processes hold what another of its connections seems to wait for: then they are the blockers.</param>
internal sealed record ToolDiagnosis(LockDiagnosis Locks, bool BlocksItself = false);
