namespace MigrationHost.Hosting;

/// <summary>The folder that relative paths of the settings count from.</summary>
internal sealed record ContentRoot(string Path);
