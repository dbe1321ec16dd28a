using System.Reflection;

namespace MigrationHost.Tools;

/// <summary>Finds the <c>migrationhost</c> program, below which tools run.</summary>
internal static class SupervisorProgram
{
    /// <summary>An environment variable that names the program, if it is neither beside the application nor on the PATH.</summary>
    public const string Variable = "MIGRATIONHOST_PROGRAM";

    private const string ProgramAssembly = "MigrationHost.Api";

    /// <summary>The program and the arguments that come before its own.</summary>
    /// <exception cref="MigrationException">It was not found: the error says how to get it.</exception>
    public static (string Program, string[] Arguments) Find() => TryFind() ?? throw ToolErrors.NoSupervisor(ToolErrors.SupervisorNotFound);

    /// <summary>As <see cref="Find"/>; null if it was not found.</summary>
    public static (string Program, string[] Arguments)? TryFind() =>
        ThisProcess()
        ?? Named(System.Environment.GetEnvironmentVariable(Variable))
        ?? Named(Path.Combine(AppContext.BaseDirectory, FileName))
        ?? Named(ExecutableFile.OnPath(FileName, System.Environment.GetEnvironmentVariable("PATH")));

    /// <summary>What is wrong if tools cannot run for lack of it; null if all is well.</summary>
    public static string? Problem => OperatingSystem.IsLinux() ? Missing : null;

    /// <summary>What is wrong if <c>Isolation=ChildProcess</c> is impossible for lack of it; null if all is well.</summary>
    public static string? Missing => TryFind() is not null ? null : $"{ToolErrors.SupervisorNotFound}. {ToolErrors.GetSupervisor}";

    private static string FileName => OperatingSystem.IsWindows() ? "migrationhost.exe" : "migrationhost";

    // `dotnet migrationhost.dll` is the program too: its process is called dotnet.
    private static (string, string[])? ThisProcess()
    {
        if (Assembly.GetEntryAssembly() is not { } entry
            || entry.GetName().Name != ProgramAssembly
            || System.Environment.ProcessPath is not { } path)
            return null;
        return Path.GetFileNameWithoutExtension(path).Equals("dotnet", StringComparison.OrdinalIgnoreCase)
            ? (path, [System.Environment.GetCommandLineArgs()[0]])
            : (path, []);
    }

    private static (string, string[])? Named(string? path) => !string.IsNullOrEmpty(path) && File.Exists(path) ? (path, []) : null;
}
