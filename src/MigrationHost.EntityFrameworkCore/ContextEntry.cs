namespace MigrationHost.EntityFramework;

/// <summary>A context that is registered to be migrated.</summary>
/// <param name="Name">The name of its entry.</param>
/// <param name="Type">The context.</param>
internal sealed record ContextEntry(string Name, Type Type);
