namespace MigrationHost.Layouts;

/// <summary>The parts of a migration that another tool keeps in one file.</summary>
internal enum Half
{
    /// <summary>What migrates.</summary>
    Up,

    /// <summary>What undoes it.</summary>
    Down,
}
