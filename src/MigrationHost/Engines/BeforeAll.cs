namespace MigrationHost.Engines;

/// <summary>The place before the first migration, as people name it where a version is asked for.</summary>
internal static class BeforeAll
{
    /// <summary>Its name in every folder.</summary>
    public const string Name = "nothing";

    /// <summary>Its name in a folder that does not begin with this version.</summary>
    private const string Zero = "0";

    /// <summary>Whether somebody means it.</summary>
    /// <param name="text">What was written.</param>
    /// <param name="versions">All versions that there are.</param>
    public static bool IsMeant(string? text, IEnumerable<string> versions) =>
        text == Name || text == Zero && !versions.Contains(Zero);
}
