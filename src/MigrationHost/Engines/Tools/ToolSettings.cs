using MigrationHost.Tools;

namespace MigrationHost.Engines.Tools;

/// <summary>The settings that every external tool has: its program, its folder and its environment.</summary>
internal static class ToolSettings
{
    /// <summary>What is wrong with them, each with its key in front.</summary>
    /// <param name="key">The section.</param>
    /// <param name="executable">The program.</param>
    /// <param name="onlyProgram">What to do with a command line in its place.</param>
    /// <param name="workingDirectory">The folder.</param>
    /// <param name="environment">The environment.</param>
    /// <param name="contentRoot">The content root.</param>
    public static IEnumerable<string> Problems(
        string key,
        string executable,
        string onlyProgram,
        string? workingDirectory,
        IDictionary<string, string> environment,
        string contentRoot)
    {
        if (PathText.Problem(executable) is { } unusable)
            yield return $"{key}:Executable: {unusable}";
        else if (ExecutableFile.Find(executable, contentRoot, SearchPath(environment)) is null)
            yield return $"{key}:Executable: {ExecutableFile.WhyNot(executable, contentRoot)}; " + (ExecutableFile.IsCommandLine(executable)
                ? onlyProgram
                : $"install the tool, or write the path of its program, relative to {contentRoot} or from /");
        if (workingDirectory is not null && PathText.Problem(workingDirectory) is { } wrong)
            yield return $"{key}:WorkingDirectory: {wrong}";
        else if (workingDirectory is not null && !Directory.Exists(Path.GetFullPath(workingDirectory, contentRoot)))
            yield return $"{key}:WorkingDirectory: the folder {PathText.Show(workingDirectory)} does not exist "
                + $"(looked for {PathText.ShowFull(workingDirectory, contentRoot)})";
        if (SupervisorProgram.Problem is { } problem)
            yield return $"{key}: {problem}";
    }

    /// <summary>The PATH on which a tool is looked for: its own if it is given one.</summary>
    public static string? SearchPath(IDictionary<string, string> environment) =>
        environment.TryGetValue("PATH", out var own) ? own : Environment.GetEnvironmentVariable("PATH");
}
