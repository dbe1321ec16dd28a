using MigrationHost.Engines.Tools;

namespace MigrationHost.Engines.Alembic;

/// <summary>Reads an Alembic project's settings and checks what can be checked before a database is touched.</summary>
internal static class AlembicReader
{
    private const string OnlyProgram =
        "write the program alone, for example .venv/bin/alembic: variables belong in Environment, and a wrapper needs Python, too";

    public static AlembicOptions Read(SectionReader reader)
    {
        var options = new AlembicOptions { WorkingDirectory = reader.Text("WorkingDirectory") };
        options.Config = reader.Text("Config") ?? options.Config;
        options.Executable = reader.Text("Executable") ?? options.Executable;
        options.Python = reader.Text("Python");
        options.VersionTable = reader.Text("VersionTable");
        options.VersionTableSchema = reader.Text("VersionTableSchema");
        options.Target = reader.Text("Target") ?? options.Target;
        foreach (var (name, value) in reader.Variables("Environment"))
            options.Environment[name] = value;
        reader.Close();
        return options;
    }

    /// <summary>What is wrong with them, each with its key.</summary>
    public static IEnumerable<string> Problems(string key, AlembicOptions options, string contentRoot)
    {
        var problems = ToolSettings
            .Problems(key, options.Executable, OnlyProgram, options.WorkingDirectory, options.Environment, contentRoot).ToList();
        if (PathText.Problem(options.Config) is { } unusable)
            problems.Add($"{key}:Config: {unusable}");
        if (problems.Count > 0)
            return problems;
        var config = Path.GetFullPath(options.Config, Path.GetFullPath(options.WorkingDirectory ?? ".", contentRoot));
        if (!File.Exists(config))
        {
            problems.Add(PathText.Show(options.Config) is var shown && shown != options.Config
                ? $"{key}:Config: is not the path of an ini file {shown}"
                : $"{key}:Config: the file {options.Config} does not exist (looked for {config}); Config is relative to WorkingDirectory");
        }
        if (AlembicInterpreter.Find(options, contentRoot).Problem is { } problem)
            problems.Add($"{key}:{problem}");
        return problems;
    }
}
