using System.Text.RegularExpressions;
using MigrationHost.Engines.Tools;
using MigrationHost.Tools;

namespace MigrationHost.Engines.Alembic;

/// <summary>The Python that runs Alembic.</summary>
/// <param name="Executable">Its full path.</param>
/// <param name="Arguments">Its own options, as the first line of the program has them.</param>
/// <param name="Program">The program whose first line names it; empty if it is configured.</param>
internal sealed partial record AlembicInterpreter(string Executable, IReadOnlyList<string> Arguments, string Program)
{
    /// <summary>The configured interpreter, else the one in the first line of the configured program.</summary>
    /// <returns>The interpreter; or what is wrong, with the setting's name in front.</returns>
    public static (AlembicInterpreter? Found, string? Problem) Find(AlembicOptions options, string contentRoot)
    {
        var path = ToolSettings.SearchPath(options.Environment);
        if (options.Python is { } configured)
        {
            return ExecutableFile.Find(configured, contentRoot, path) is { } python ? (new(python, [], ""), null)
                : (null, $"Python: {ExecutableFile.WhyNot(configured, contentRoot)}; name the Python that runs alembic, relative "
                    + $"to {contentRoot} or from /");
        }
        if (ExecutableFile.Find(options.Executable, contentRoot, path) is not { } program)
            return (null, $"Executable: {ExecutableFile.WhyNot(options.Executable, contentRoot)}");
        return FirstLine(program, path) is [var executable, .. var arguments] ? (new(executable, arguments, program), null)
            : (null, $"Python: the first line of {program} does not name the Python that runs it, as for a wrapper around uv or poetry; "
                + "set Alembic:Python to that Python, for example .venv/bin/python");
    }

    /// <summary>The interpreter in the first lines of a program that pip or a distribution has installed, with its options; empty if
    /// it is another one.</summary>
    private static string[] FirstLine(string program, string? path)
    {
        // On Windows the program is a small .exe in the folder Scripts, with the interpreter beside it or one folder up.
        if (Path.GetExtension(program) == ".exe" && Path.GetDirectoryName(program) is { } folder)
            return [.. new[] { folder, Path.GetDirectoryName(folder) ?? folder }.Select(place => Path.Combine(place, "python.exe"))
                .Where(File.Exists).Take(1)];
        try
        {
            var lines = File.ReadLines(program).Take(2).ToArray();
            if (lines is not [{ Length: <= 1024 } first, ..] || !first.StartsWith("#!", StringComparison.Ordinal))
                return [];
            var words = first[2..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            // If the path is too long for the system, or has blanks, pip writes a shell line: '''exec' "/path/to/python" "$0" "$@"
            if (words is ["/bin/sh"] && lines is [_, var second] && Exec().Match(second) is { Success: true } exec)
                words = [exec.Groups["python"].Value];
            if (words is [var env, ..] && Path.GetFileName(env) == "env")
                words = words[(words is [_, "-S", ..] ? 2 : 1)..] is [var name, .. var options]
                    && ExecutableFile.OnPath(name, path) is { } found ? [found, .. options] : [];
            return words is [var python, ..] && File.Exists(python) && IsPython(Path.GetFileName(python)) ? words : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static bool IsPython(string name) =>
        name.StartsWith("python", StringComparison.OrdinalIgnoreCase) || name.StartsWith("pypy", StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex("""^'''exec'\s+(?<quote>["']?)(?<python>.+?)\k<quote>\s+"\$0"\s""")]
    private static partial Regex Exec();
}
