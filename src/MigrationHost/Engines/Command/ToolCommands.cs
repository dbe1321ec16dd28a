using MigrationHost.Engines.Tools;
using MigrationHost.Tools;

namespace MigrationHost.Engines.Command;

/// <summary>Makes commands of settings that were checked.</summary>
internal static class ToolCommands
{
    public static ToolCommand Of(CommandOptions options, string contentRoot) => new()
    {
        Name = Path.GetFileName(options.Executable!),
        Executable = ExecutableFile.Find(options.Executable!, contentRoot, ToolSettings.SearchPath(options.Environment))
            ?? throw new MigrationException(new MigrationError { Code = MigrationErrorCode.InvalidConfiguration, Message = ExecutableFile.WhyNot(options.Executable!, contentRoot) }),
        Arguments = [.. options.Arguments],
        WorkingDirectory = Path.GetFullPath(options.WorkingDirectory ?? ".", contentRoot),
        Environment = options.Environment.ToDictionary(pair => pair.Key, pair => (string?)pair.Value, StringComparer.Ordinal),
    };
}
