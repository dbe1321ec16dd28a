using System.Text.RegularExpressions;

namespace MigrationHost.Engines.Alembic;

/// <summary>Why Alembic failed, read from what it wrote last.</summary>
/// <param name="Error">The line that says it: the exception of the traceback, without its SQL.</param>
/// <param name="File">The project's file that the traceback leads to; null if it leads to none.</param>
/// <param name="Line">The line in that file, counted from 1.</param>
internal sealed partial record AlembicFailure(string Error, string? File, int? Line)
{
    private static readonly string[] Locked = ["database is locked", "database table is locked", "due to lock timeout", "LockNotAvailable"];

    private static readonly string[] Leftovers = ["already exists", "duplicate column"];

    private static readonly (string[] Signs, string Hint)[] Hints =
    [
        (["No module named"], "Install it into the Python that runs alembic, or point Alembic:Executable at the alembic of the right "
            + "virtual environment; if Executable is a wrapper, set Alembic:Python."),
        (["Can't load plugin: sqlalchemy.dialects", "NoSuchModuleError"],
            "Correct the scheme of sqlalchemy.url, or install its driver into the Python that runs alembic."),
        (["Can't locate revision"], "Restore the revision's file: the database was migrated with it."),
        (["Multiple head revisions"], "Join them with 'alembic merge heads', or set Alembic:Target to heads."),
        (["script_location", "Path doesn't exist", "No config file"], "Correct script_location in its section [alembic] "
            + "([tool.alembic] in pyproject.toml), or point Alembic:Config at the right file."),
        (["FileNotFoundError"], "Ship that file or folder with the service, or correct script_location or version_locations."),
        (["PermissionError"], "Give this process's user the right to read it."),
        (["SyntaxError", "IndentationError"], "Correct the file, or run it with the Python it was written for."),
        (["NameError", "ImportError", "AttributeError"], "Correct the file; 'alembic current' in the same folder shows the same error."),
        (["Could not parse rfc1738 URL", "Could not parse SQLAlchemy URL"],
            "Correct sqlalchemy.url in alembic.ini, or what env.py puts in its place."),
    ];

    /// <summary>Whether the database was locked for longer than the driver waits.</summary>
    public bool IsLocked => Contains(Locked);

    /// <summary>Whether something was there already that it was to make.</summary>
    public bool MeetsLeftovers => Contains(Leftovers);

    /// <summary>What helps against an error with a known cause; null for any other.</summary>
    public string? Hint => Array.Find(Hints, hint => Contains(hint.Signs)).Hint;

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
                    (file, line) = (place.Show(frame.Groups["file"].Value),
                        int.Parse(frame.Groups["line"].Value, System.Globalization.CultureInfo.InvariantCulture));
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
        var error = exception ?? failed ?? lines.LastOrDefault(text => text.Trim().Length > 0) ?? "it wrote nothing";
        return new AlembicFailure(Shorten(error), exception is null ? null : file, exception is null ? null : line);
    }

    public override string ToString() => File is null ? Error : $"{File}:{Line}: {Error}";

    private bool Contains(string[] signs) => Array.Exists(signs, sign => Error.Contains(sign, StringComparison.Ordinal));

    private static string Shorten(string text)
    {
        text = text.Replace("alembic.util.exc.CommandError: ", "", StringComparison.Ordinal).Trim();
        return text.Length <= 500 ? text.TrimEnd('.') : $"{text[..500].Trim()}…";
    }

    [GeneratedRegex(@"^\s*File ""(?<file>[^""]+)"", line (?<line>\d+)")]
    private static partial Regex Frame();

    // "sqlalchemy.exc.OperationalError: (sqlite3.OperationalError) …"; a name alone is one too; a traceback's lines are indented.
    [GeneratedRegex(@"^[A-Za-z_][\w.]*(Error|Exception|Exit|Interrupt|Warning|[a-z]\.[A-Z]\w+)(:.*)?$")]
    private static partial Regex Exception();

    [GeneratedRegex(@"^(FAILED:|ERROR\s+\[alembic[^\]]*\]|alembic: error:)(?<message>.*)$")]
    private static partial Regex Failed();
}
