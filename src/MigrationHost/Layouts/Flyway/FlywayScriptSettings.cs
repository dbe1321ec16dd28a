namespace MigrationHost.Layouts;

/// <summary>What <c>V1__x.sql.conf</c> says of the script beside it.</summary>
/// <remarks><see
/// href="https://github.com/flyway/flyway/blob/main/flyway-core/src/main/java/org/flywaydb/core/internal/sqlscript/SqlScriptMetadata.java"/>
/// </remarks>
internal sealed record FlywayScriptSettings
{
    private const string Suffix = ".conf";

    public static readonly FlywayScriptSettings None = new();

    /// <summary>Whether it is to run in a transaction; null if that is to be seen from its statements.</summary>
    public bool? InTransaction { get; private init; }

    /// <summary>Whether its placeholders are to be filled in.</summary>
    public bool FillsPlaceholders { get; private init; } = true;

    /// <summary>The first setting that is not understood, as <c>key=value</c> without its value.</summary>
    public string? Unknown { get; private init; }

    /// <summary>The name of the file with the settings.</summary>
    public static string FileOf(string script) => script + Suffix;

    /// <param name="lines">The lines of the file.</param>
    public static FlywayScriptSettings Read(IEnumerable<string> lines)
    {
        var settings = None;
        foreach (var line in lines.Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] is not ('#' or '!')))
        {
            var (key, value) = line.Split('=', 2, StringSplitOptions.TrimEntries) is [var name, var given] ? (name, given) : (line, "");
            settings = (key, value.ToUpperInvariant()) switch
            {
                ("executeInTransaction", "TRUE" or "FALSE") => settings with { InTransaction = value.Equals("true", Ignoring) },
                ("placeholderReplacement", "TRUE" or "FALSE") => settings with { FillsPlaceholders = value.Equals("true", Ignoring) },
                ("encoding", "UTF-8" or "UTF8" or "US-ASCII") => settings,
                _ => settings with { Unknown = settings.Unknown ?? key },
            };
        }
        return settings;
    }

    private const StringComparison Ignoring = StringComparison.OrdinalIgnoreCase;
}
