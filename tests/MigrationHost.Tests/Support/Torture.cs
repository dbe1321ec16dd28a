using System.Globalization;

namespace MigrationHost.Tests.Support;

/// <summary>Tests that need chance: a short pass with a fixed seed in the suite, many rounds with <c>tests/torture</c>.</summary>
internal static class Torture
{
    public const string Trait = "Category";
    public const string Category = "Torture";

    /// <summary>The program of the previous release; this one's where <c>tests/torture</c> has not built that.</summary>
    public static string PreviousProgram => Environment.GetEnvironmentVariable("MIGRATIONHOST_TEST_PREVIOUS") ?? MigrationHostProgram.Path;

    /// <summary>Whether this is a run of <c>tests/torture</c>.</summary>
    public static bool IsAsked => Number("MIGRATIONHOST_TEST_ROUNDS") is not null;

    /// <summary>How often to try.</summary>
    /// <param name="inSuite">In a run of the whole suite.</param>
    public static int Rounds(int inSuite) => Number("MIGRATIONHOST_TEST_ROUNDS") ?? inSuite;

    /// <summary>The chance of one round: the same for the same seed.</summary>
    public static Random Chance(int round) => new((Number("MIGRATIONHOST_TEST_SEED") ?? 1) * 7919 + round);

    private static int? Number(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var number) ? number : null;
}
