using System.Text.RegularExpressions;
using MigrationHost.Scripts;

namespace MigrationHost.Layouts;

/// <summary>Scripts that their tool runs in one environment only: <c>2_testdata.ENV.TEST.sql</c>, <c>TEST.testdata.ENV.sql</c>.</summary>
internal static partial class EnvironmentFiles
{
    public const string Remedy = "Move the files that are for one environment only out of the folder";

    /// <summary>What their names have.</summary>
    [GeneratedRegex(@"\.ENV\.(.*\.)?sql$", RegexOptions.IgnoreCase)]
    public static partial Regex Name();

    /// <summary>Whether a name has that. Most names are known without a regular expression.</summary>
    public static bool IsOne(string name) => name.Contains(".ENV.", StringComparison.OrdinalIgnoreCase) && Name().IsMatch(name);

    /// <summary>The finding about one that would be run as a migration.</summary>
    public static ScriptFinding Finding(string file) => new(
        Tool.GrateOrRoundhouse,
        file,
        null,
        $"is for one environment only, as its name says to {Tool.GrateOrRoundhouse}, and would be run in all",
        $"{Remedy}, or {Tool.RunIt(Tool.GrateOrRoundhouse)}") { WhilePending = true };
}
