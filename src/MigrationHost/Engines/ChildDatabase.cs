namespace MigrationHost.Engines;

/// <summary>The database that a child process is to migrate.</summary>
/// <param name="Name">Its configured name.</param>
/// <param name="Configuration">Its settings, as JSON. It contains secrets.</param>
internal sealed record ChildDatabase(string Name, string Configuration);
