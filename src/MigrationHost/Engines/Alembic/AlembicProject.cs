using MigrationHost.Scripts;

namespace MigrationHost.Engines.Alembic;

/// <summary>An Alembic project, read without running any of it: its ini file, where env.py is, and its revisions.</summary>
internal sealed record AlembicProject
{
    private const string Sourceless = "sourceless";

    public required AlembicIni Ini { get; init; }

    /// <summary>The path of env.py as it is to be shown.</summary>
    public required string EnvFile { get; init; }

    /// <summary>The folders with revisions, as they are to be shown.</summary>
    public required IReadOnlyList<string> VersionFolders { get; init; }

    public required AlembicGraph Graph { get; init; }

    /// <summary>env.py; null where it cannot be read.</summary>
    public required AlembicEnvFile? Env { get; init; }

    /// <summary>What is wrong with the revisions' files; empty where all is well.</summary>
    public required IReadOnlyList<ScriptProblem> Problems { get; init; }

    /// <summary>Reads a project.</summary>
    /// <param name="place">Where it is.</param>
    /// <exception cref="MigrationException">The ini file is missing or wrong, or the folders it names are not there.</exception>
    public static AlembicProject Read(AlembicPlace place)
    {
        var (ini, folders, env) = ReadPlaces(place);
        var problems = new List<ScriptProblem>();
        var revisions = folders.SelectMany(versions => ReadFolder(versions, place, IsOn(ini, "recursive_version_locations"), problems)).ToList();
        var graph = AlembicGraph.Build(revisions, problems);
        return new AlembicProject
        {
            Ini = ini,
            EnvFile = place.Show(env),
            VersionFolders = [.. folders.Select(place.Show)],
            Graph = graph,
            Env = ReadEnv(env, place),
            Problems = problems,
        };
    }

    /// <summary>Reads the ini file and finds what it names.</summary>
    /// <exception cref="MigrationException">The ini file is missing or wrong, or the folders it names are not there.</exception>
    public static (AlembicIni Ini, IReadOnlyList<string> VersionFolders, string Env) ReadPlaces(AlembicPlace place)
    {
        var ini = ReadIni(place);
        var location = ini.Find("script_location") ?? throw Wrong(ini.File, null, "names no script_location in its section [alembic]", "Write script_location = migrations, or point Config at the right file.");
        var folder = place.Folder(location.Text.Trim(), PrependedPaths(ini))
            ?? throw Wrong(ini.File, location.Line, $"script_location = {location.Text} is no folder", $"Correct it; a relative path counts from WorkingDirectory ({place.WorkingDirectory}). Where it is in an installed package that is not found, write the folder's path.");
        var env = Path.Combine(folder, "env.py");
        if (!File.Exists(env))
            throw Wrong(place.Show(env), null, "is missing", "'alembic init' makes one; or correct script_location.");
        if (IsOn(ini, Sourceless))
            throw Wrong(ini.File, ini.Find(Sourceless)!.Line, $"{Sourceless} = true lets revisions be compiled files alone, which cannot be read", $"Ship the revisions' .py files, and remove {Sourceless}.");
        return (ini, VersionFoldersOf(ini, place, folder), env);
    }

    private static AlembicIni ReadIni(AlembicPlace place)
    {
        var problems = new List<ScriptProblem>();
        try
        {
            var ini = AlembicIni.Read(place.Config, File.ReadAllText(place.ConfigPath), Path.GetDirectoryName(place.ConfigPath)!, problems);
            if (problems.Count == 0 && !ini.HasMainSection)
                problems.Add(new ScriptProblem(place.Config, null, "has no section [alembic]"));
            if (problems is [var first, ..])
                throw Wrong(first.File, first.Line, string.Join('\n', problems.Select(problem => problem.Message)), "Correct it; 'alembic init' makes one that is right.");
            return ini;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Wrong(place.Config, null, $"cannot be read: {e.Message}", $"Config is the path of alembic.ini, from WorkingDirectory ({place.WorkingDirectory}).");
        }
    }

    private static AlembicEnvFile? ReadEnv(string path, AlembicPlace place)
    {
        try
        {
            return AlembicEnvFile.Read(place.Show(path), File.ReadAllText(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Alembic itself will say so when it runs.
            return null;
        }
    }

    // Alembic reads the folder in the order in which the file system gives the files, and so do we: between branches it decides the order.
    private static IEnumerable<AlembicRevision> ReadFolder(string folder, AlembicPlace place, bool recursive, List<ScriptProblem> problems)
    {
        foreach (var path in FilesIn(folder, place, recursive))
        {
            var name = Path.GetFileName(path);
            if (name.StartsWith(".#", StringComparison.Ordinal) || name.StartsWith("__init__", StringComparison.Ordinal))
                continue;
            if (ReadRevision(path, place, problems) is { } revision)
                yield return revision;
        }
    }

    private static string[] FilesIn(string folder, AlembicPlace place, bool recursive)
    {
        try
        {
            return Directory.GetFiles(folder, "*.py", recursive ? SearchOption.AllDirectories : SearchOption.TopDirectoryOnly);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Wrong(place.Show(folder), null, $"cannot be read: {e.Message}", "Give this process's user the right to read it.");
        }
    }

    private static AlembicRevision? ReadRevision(string path, AlembicPlace place, List<ScriptProblem> problems)
    {
        try
        {
            return AlembicRevisionFile.Read(place.Show(path), File.ReadAllText(path), problems);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add(new ScriptProblem(place.Show(path), null, $"cannot be read: {e.Message}"));
            return null;
        }
    }

    private static List<string> VersionFoldersOf(AlembicIni ini, AlembicPlace place, string folder)
    {
        if (ini.Find("version_locations") is not { } locations)
        {
            var versions = Path.Combine(folder, "versions");
            return Directory.Exists(versions) ? [versions] : throw Wrong(place.Show(versions), null, "is missing", "Ship the revisions with the service; or create the folder, or name the right one in version_locations.");
        }
        // The template of Alembic 1.8 has a comment behind the value.
        var separator = (ini.Find("path_separator") ?? ini.Find("version_path_separator"))?.Text.Split('#')[0].Trim();
        char[] separators = separator switch
        {
            "os" => [Path.PathSeparator],
            "space" => [' '],
            "newline" => ['\n'],
            { Length: 1 } => [separator[0]],
            _ => [' ', ',', '\n'],
        };
        return
        [
            .. locations.Text.Split(separators, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Select(name => place.Folder(name, PrependedPaths(ini)) ?? throw Wrong(ini.File, locations.Line, $"version_locations: {name} is no folder", "Correct it, or create the folder.")),
        ];
    }

    private static string[] PrependedPaths(AlembicIni ini) =>
        ini.Find("prepend_sys_path")?.Text.Split([' ', ',', ':', '\n'], StringSplitOptions.RemoveEmptyEntries) ?? [];

    private static bool IsOn(AlembicIni ini, string key) => ini.Find(key)?.Text.Trim().Equals("true", StringComparison.OrdinalIgnoreCase) ?? false;

    private static MigrationException Wrong(string file, int? line, string message, string hint) => new(new MigrationError
    {
        Code = MigrationErrorCode.InvalidConfiguration,
        Message = line is null ? $"{file} {message}" : $"{file}:{line}: {message}",
        File = file,
        Line = line,
        Hint = hint,
    });
}
