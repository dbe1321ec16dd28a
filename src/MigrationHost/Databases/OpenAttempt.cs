namespace MigrationHost.Databases;

/// <summary>The outcome of a try to open a session.</summary>
/// <param name="Session">The session; null if there is none yet.</param>
/// <param name="Lacks">What is missing for it.</param>
internal readonly record struct OpenAttempt(IDatabaseSession? Session, Unavailable? Lacks = null);
