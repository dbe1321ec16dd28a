using System.Reflection;

namespace MigrationHost;

/// <summary>This process, as others see it.</summary>
internal static class Instance
{
    /// <summary><c>host:pid</c>.</summary>
    public static readonly string Name = $"{Environment.MachineName}:{Environment.ProcessId}";

    /// <summary>The release, as its package has it: an assembly's own version is only its major number.</summary>
    public static string Version => field ??= typeof(Instance).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0.0.0";
}
