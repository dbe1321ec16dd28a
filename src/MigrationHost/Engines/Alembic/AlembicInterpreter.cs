using MigrationHost.Tools;

namespace MigrationHost.Engines.Alembic;

/// <summary>The Python that runs Alembic, and the versions of what it has installed.</summary>
internal static class AlembicInterpreter
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    // Old and new Pythons alike run this; before 3.8 there is no importlib.metadata, and Python's own version says enough.
    private const string Ask =
        """
        import sys
        print('python %d.%d.%d' % sys.version_info[:3])
        try:
            from importlib.metadata import version
        except ImportError:
            sys.exit(0)
        for name in ('alembic', 'sqlalchemy'):
            try:
                print(name + ' ' + version(name))
            except Exception:
                pass
        """;

    /// <summary>The interpreter in the first lines of a program that pip or a distribution has installed; null where it is none.</summary>
    /// <param name="executable">The program's full path.</param>
    /// <param name="searchPath">The PATH, for <c>#!/usr/bin/env python3</c>.</param>
    public static string? Find(string executable, string? searchPath)
    {
        try
        {
            var lines = File.ReadLines(executable).Take(2).ToArray();
            if (lines is not [{ } first, ..] || !first.StartsWith("#!", StringComparison.Ordinal) || first.Length > 1024)
                return null;
            var words = first[2..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            // Where the path is too long for the system, pip writes a shell line that says: exec "/path/to/python" …
            if (words is ["/bin/sh"] && lines is [_, { } second] && second.Split('"') is [var exec, var python, ..] && exec.Contains("exec", StringComparison.Ordinal))
                words = [python];
            if (words is [var env, var name, ..] && Path.GetFileName(env) == "env")
                return ExecutableFile.OnPath(name, searchPath);
            return words is [var interpreter, ..] && Path.GetFileName(interpreter).Contains("python", StringComparison.OrdinalIgnoreCase) && File.Exists(interpreter) ? interpreter : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Asks the interpreter, for at most ten seconds; what it does not say is unknown.</summary>
    /// <param name="tool">The tool's command: its folder and environment are used.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the question.</param>
    public static async Task<AlembicVersions> AskAsync(ToolCommand tool, TimeProvider time, CancellationToken cancellationToken)
    {
        var path = tool.Environment.TryGetValue("PATH", out var own) ? own : Environment.GetEnvironmentVariable("PATH");
        if (Find(tool.Executable, path) is not { } interpreter)
            return AlembicVersions.Unknown;
        var lines = new List<string>();
        await using var process = ToolProcess.Start(tool with { Name = "python", Executable = interpreter, Arguments = ["-c", Ask] }, Grace, line => lines.Add(line.Text), time);
        await Task.WhenAny(process.Completion, Task.Delay(Longest, time, cancellationToken)).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return process.Completion.IsCompleted ? AlembicVersions.Parse(lines) : AlembicVersions.Unknown;
    }
}
