using MigrationHost.Engines.Tools;

namespace MigrationHost.Engines.Command;

/// <summary>Reads an external tool's settings and checks them.</summary>
internal static class CommandReader
{
    private const string OnlyProgram = "write the program alone: its arguments belong in Arguments, and variables in Environment";

    public static CommandOptions Read(SectionReader reader, bool withVerify = true)
    {
        var options = new CommandOptions { Executable = reader.Text("Executable"), WorkingDirectory = reader.Text("WorkingDirectory") };
        foreach (var argument in reader.Texts("Arguments"))
            options.Arguments.Add(argument);
        foreach (var (name, value) in reader.Variables("Environment"))
            options.Environment[name] = value;
        if (withVerify && reader.Has("Verify"))
            options.Verify = Read(reader.Section("Verify"), withVerify: false);
        reader.Close();
        return options;
    }

    /// <summary>What is wrong with them, each with its key.</summary>
    public static IEnumerable<string> Problems(string key, CommandOptions? options, string contentRoot)
    {
        if (options is null || string.IsNullOrWhiteSpace(options.Executable))
        {
            yield return $"{key}:Executable: is missing; name the tool to run, for example dbmate, and its Arguments";
            yield break;
        }
        foreach (var problem in ToolSettings.Problems(
            key, options.Executable, OnlyProgram, options.WorkingDirectory, options.Environment, contentRoot))
            yield return problem;
        if (options.Verify is null)
            yield break;
        foreach (var problem in Problems($"{key}:Verify", options.Verify, contentRoot))
            yield return problem;
    }
}
