using System.Text.RegularExpressions;

namespace MigrationHost.Scripts;

/// <summary>Reads and checks every migration file of a folder before any database is touched.</summary>
internal static partial class ScriptFolder
{
    /// <summary>The scripts in the order of their versions, and every problem of every file. Where there are problems, the scripts are not to be used.</summary>
    /// <param name="configured">The folder as it is configured, for messages.</param>
    /// <param name="fullPath">The folder to read.</param>
    /// <exception cref="MigrationException">The folder or a file in it cannot be read.</exception>
    public static (IReadOnlyList<MigrationScript> Scripts, IReadOnlyList<ScriptProblem> Problems) Read(string configured, string fullPath)
    {
        var scripts = new List<MigrationScript>();
        var problems = new List<ScriptProblem>();
        foreach (var path in FilesIn(configured, fullPath))
        {
            if (ReadFile(Path.Combine(configured, Path.GetFileName(path)), path, problems) is { } script)
                scripts.Add(script);
        }
        scripts.Sort((a, b) => a.Version.CompareTo(b.Version));
        foreach (var twice in scripts.GroupBy(script => script.Version).Where(group => group.Count() > 1))
            problems.Add(new ScriptProblem(twice.Last().File, null, $"has version {twice.Key}, and so has {string.Join(", ", twice.SkipLast(1).Select(script => script.File))}; give each file a version of its own"));
        return (scripts, problems);
    }

    private static string[] FilesIn(string configured, string fullPath)
    {
        try
        {
            return [.. Directory.EnumerateFiles(fullPath)
                .Where(path => Path.GetExtension(path).Equals(".sql", StringComparison.OrdinalIgnoreCase))
                .Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(configured, e);
        }
    }

    private static MigrationScript? ReadFile(string file, string fullPath, List<ScriptProblem> problems)
    {
        var before = problems.Count;
        var name = FileName().Match(Path.GetFileName(fullPath));
        if (!name.Success || !MigrationVersion.TryParse(name.Groups["version"].Value, out var version))
        {
            problems.Add(new ScriptProblem(file, null, "has no version and description in its name; name it <digits>_<description>.sql, for example 12_add_orders.sql"));
            version = default;
        }

        if (ScriptText.Read(Content(file, fullPath), (line, message) => problems.Add(new ScriptProblem(file, line, message))) is not { } text)
            return null;
        var header = ScriptHeader.Read(text.FirstLine(), message => problems.Add(new ScriptProblem(file, 1, message)));
        CheckBody(file, text, problems);
        if (problems.Count > before)
            return null;
        return new MigrationScript
        {
            Version = version,
            Description = name.Groups["description"].Value.Replace('_', ' ').Trim(),
            Checksum = text.Checksum(),
            Header = header,
            File = file,
            FullPath = fullPath,
        };
    }

    private static void CheckBody(string file, ScriptText text, List<ScriptProblem> problems)
    {
        if (SqlText.BlankLength(text.Utf8) == text.Utf8.Length)
            problems.Add(new ScriptProblem(file, null, "has no statement in it; write SELECT 1; if it is meant to do nothing"));

        // A header that came to stand below a licence or a comment would silently not be one.
        var marker = text.Utf8.IndexOf("\n-- migrationhost:"u8);
        if (marker >= 0)
            problems.Add(new ScriptProblem(file, text.LineAt(marker + 1), "a header counts on the first line only; move it there"));
    }

    private static byte[] Content(string file, string fullPath)
    {
        try
        {
            return File.ReadAllBytes(fullPath);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(file, e);
        }
    }

    private static MigrationException Unreadable(string path, Exception e) => new(new MigrationError
    {
        Code = MigrationErrorCode.InvalidConfiguration,
        Message = $"{path} cannot be read: {e.Message}",
        File = path,
        Hint = "Check that it exists and that this process's user may read it.",
    });

    [GeneratedRegex(@"^(?<version>\d+)_(?<description>.*[^_\s].*)\.sql$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex FileName();
}
