using System.Text.RegularExpressions;
using MigrationHost.Scripts;

namespace MigrationHost.Layouts;

/// <summary>Migrations that are programs, beside scripts: <c>2_seed.js</c> between <c>1_init.sql</c> and <c>3_orders.sql</c>.</summary>
internal static partial class CodeFiles
{
    /// <summary>How the files of languages end in which tools have migrations beside SQL.</summary>
    public const string Languages = "[cm]?[jt]s|rb|php|py|cs|exs|go";

    /// <summary>Their names. A program of the shell is as often one that helps.</summary>
    [GeneratedRegex($@"^(?<version>\d+)[-_.].+\.(?:(?<language>{Languages})|sh|ps1)$", RegexOptions.IgnoreCase)]
    public static partial Regex Name();

    /// <summary>The finding about one that is nothing to begin a history without.</summary>
    public static ScriptFinding Finding(string file) => new(
        "code",
        file,
        null,
        "has a number as a migration has, and is not SQL: only its own tool can run it",
        "Write what it does as SQL, or move it out of the folder if it is not a migration, "
            + $"or {Tool.RunIt("the tool")}") { WhilePending = true };
}
