namespace MigrationHost;

/// <summary>Reads an external tool's settings and checks them.</summary>
internal static class CommandReader
{
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
        foreach (var problem in PlaceProblems(key, options.Executable, options.WorkingDirectory, options.Environment, contentRoot))
            yield return problem;
        if (options.Verify is null)
            yield break;
        foreach (var problem in Problems($"{key}:Verify", options.Verify, contentRoot))
            yield return problem;
    }

    /// <summary>What is wrong with the place of a program and its folder.</summary>
    public static IEnumerable<string> PlaceProblems(string key, string executable, string? workingDirectory, IDictionary<string, string> environment, string contentRoot)
    {
        if (PathText.Problem(executable) is { } unusable)
            yield return $"{key}:Executable: {unusable}";
        else if (Tools.ExecutableFile.Find(executable, contentRoot, SearchPath(environment)) is null)
            yield return $"{key}:Executable: {Tools.ExecutableFile.WhyNot(executable, contentRoot)}; install the tool, or write the path of its program, relative to {contentRoot} or from /";
        if (workingDirectory is not null && PathText.Problem(workingDirectory) is { } wrong)
            yield return $"{key}:WorkingDirectory: {wrong}";
        else if (workingDirectory is not null && !Directory.Exists(Path.GetFullPath(workingDirectory, contentRoot)))
            yield return $"{key}:WorkingDirectory: the folder {PathText.Show(workingDirectory)} does not exist (looked for {PathText.ShowFull(workingDirectory, contentRoot)})";
        if (Tools.SupervisorProgram.Problem is { } problem)
            yield return $"{key}: {problem}";
    }

    /// <summary>The PATH on which a tool is looked for: its own where it is given one.</summary>
    public static string? SearchPath(IDictionary<string, string> environment) => environment.TryGetValue("PATH", out var own) ? own : System.Environment.GetEnvironmentVariable("PATH");
}
