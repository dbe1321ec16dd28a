namespace MigrationHost.Databases;

/// <summary>What a look at a database's locks found.</summary>
/// <param name="Report">Everybody who holds or waits.</param>
/// <param name="Blockers">Of these, the ones in the way of what our own sessions wait for right now.</param>
internal sealed record LockDiagnosis(LockReport Report, IReadOnlyList<Blocker> Blockers);
