namespace MigrationHost;

/// <summary>This process, as others see it.</summary>
internal static class Instance
{
    /// <summary><c>host:pid</c>.</summary>
    public static readonly string Name = $"{Environment.MachineName}:{Environment.ProcessId}";

    public static readonly string Version = typeof(Instance).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";
}
