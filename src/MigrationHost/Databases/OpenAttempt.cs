namespace MigrationHost.Databases;

/// <summary>The outcome of a try to open a session.</summary>
/// <param name="Session">The session; null where the database is not up yet.</param>
/// <param name="NotUpYet">Why not.</param>
internal readonly record struct OpenAttempt(IDatabaseSession? Session, string? NotUpYet = null);
