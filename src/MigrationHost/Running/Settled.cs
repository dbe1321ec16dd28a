namespace MigrationHost.Running;

/// <summary>What <c>resolve</c> has settled.</summary>
/// <param name="Version">The migration.</param>
/// <param name="File">Its file; null if there is none.</param>
/// <param name="Was">The checksum that the history had.</param>
/// <param name="Now">The checksum that it has now.</param>
internal sealed record Settled(string Version, string? File, string? Was, string? Now);
