using System.Text.RegularExpressions;

namespace MigrationHost.Engines.Alembic;

/// <summary>Why Alembic failed, read from what it wrote last.</summary>
/// <param name="Error">The line that says it: the exception of the traceback, without its SQL.</param>
/// <param name="File">The project's file that the traceback leads to; null where it leads to none.</param>
/// <param name="Line">The line in that file, counted from 1.</param>
internal sealed partial record AlembicFailure(string Error, string? File, int? Line)
{
    /// <summary>Whether the database was locked for longer than the driver waits.</summary>
    public bool IsLocked => Error.Contains("database is locked", StringComparison.Ordinal) || Error.Contains("database table is locked", StringComparison.Ordinal)
        || Error.Contains("due to lock timeout", StringComparison.Ordinal) || Error.Contains("LockNotAvailable", StringComparison.Ordinal);

    /// <summary>What helps against an error with a known cause; null for any other.</summary>
    public string? Hint => Error switch
    {
        _ when Error.Contains("No module named", StringComparison.Ordinal) => "Install it into the Python that runs alembic, or point Alembic:Executable at the alembic of the right virtual environment; if Executable is a wrapper, set Alembic:Python.",
        _ when Error.Contains("Can't load plugin: sqlalchemy.dialects", StringComparison.Ordinal) || Error.Contains("NoSuchModuleError", StringComparison.Ordinal) => "Correct the scheme of sqlalchemy.url, or install its driver into the same Python that runs alembic.",
        _ when Error.Contains("Can't locate revision", StringComparison.Ordinal) => "Restore the revision's file: the database was migrated with it.",
        _ when Error.Contains("Multiple head revisions", StringComparison.Ordinal) => "Join them with 'alembic merge heads', or set Alembic:Target to heads.",
        _ when Error.Contains("script_location", StringComparison.Ordinal) || Error.Contains("Path doesn't exist", StringComparison.Ordinal) || Error.Contains("No config file", StringComparison.Ordinal) => "Correct script_location in its section [alembic] ([tool.alembic] in pyproject.toml), or point Alembic:Config at the right file.",
        _ when Error.StartsWith("FileNotFoundError", StringComparison.Ordinal) => "Ship that file or folder with the service, or correct script_location or version_locations.",
        _ when Error.StartsWith("PermissionError", StringComparison.Ordinal) => "Give this process's user the right to read it.",
        _ when Error.StartsWith("SyntaxError", StringComparison.Ordinal) || Error.StartsWith("IndentationError", StringComparison.Ordinal) => "Correct the file, or run it with the Python it was written for.",
        _ when Error.Contains("NameError", StringComparison.Ordinal) || Error.Contains("ImportError", StringComparison.Ordinal) || Error.Contains("AttributeError", StringComparison.Ordinal) => "Correct the file; 'alembic current' in the same folder shows the same error.",
        _ when Error.Contains("Could not parse", StringComparison.Ordinal) && Error.Contains("URL", StringComparison.OrdinalIgnoreCase) => "Correct sqlalchemy.url in alembic.ini, or what env.py puts in its place.",
        _ => null,
    };

    /// <param name="lines">What it wrote last, oldest first.</param>
    /// <param name="place">Where the project is.</param>
    public static AlembicFailure Read(IReadOnlyList<string> lines, AlembicPlace place)
    {
        string? file = null;
        int? line = null;
        string? exception = null;
        string? failed = null;
        foreach (var text in lines)
        {
            if (Frame().Match(text) is { Success: true } frame)
            {
                if (place.Contains(frame.Groups["file"].Value))
                    (file, line) = (place.Show(frame.Groups["file"].Value), int.Parse(frame.Groups["line"].Value, System.Globalization.CultureInfo.InvariantCulture));
                exception = null;
            }
            else if (exception is null && Exception().IsMatch(text))
            {
                exception = text;
            }
            else if (Failed().Match(text) is { Success: true } command)
            {
                failed = command.Groups["message"].Value.Trim();
            }
        }
        return new AlembicFailure(Shorten(exception ?? failed ?? lines.LastOrDefault(text => text.Trim().Length > 0) ?? "it wrote nothing"), exception is null ? null : file, exception is null ? null : line);
    }

    public override string ToString() => File is null ? Error : $"{File}:{Line}: {Error}";

    private static string Shorten(string text)
    {
        text = text.Replace("alembic.util.exc.CommandError: ", "", StringComparison.Ordinal).Trim();
        return text.Length <= 500 ? text.TrimEnd('.') : $"{text[..500].Trim()}…";
    }

    [GeneratedRegex(@"^\s*File ""(?<file>[^""]+)"", line (?<line>\d+)")]
    private static partial Regex Frame();

    // "sqlalchemy.exc.OperationalError: (sqlite3.OperationalError) …"; a name alone is one too, and the lines of a traceback are indented.
    [GeneratedRegex(@"^[A-Za-z_][\w.]*(Error|Exception|Exit|Interrupt|Warning|[a-z]\.[A-Z]\w+)(:.*)?$")]
    private static partial Regex Exception();

    [GeneratedRegex(@"^(FAILED:|ERROR\s+\[alembic[^\]]*\]|alembic: error:)(?<message>.*)$")]
    private static partial Regex Failed();
}
