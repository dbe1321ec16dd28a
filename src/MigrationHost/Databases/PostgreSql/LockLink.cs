namespace MigrationHost.Databases.PostgreSql;

/// <summary>A member of a chain of those who wait for each other.</summary>
/// <param name="Backend">Who.</param>
/// <param name="Held">What it holds that is waited for; empty if that is not known.</param>
/// <param name="WaitsItself">Whether it waits for another one in turn.</param>
internal readonly record struct LockLink(ServerBackend Backend, IReadOnlyList<ServerLock> Held, bool WaitsItself);
