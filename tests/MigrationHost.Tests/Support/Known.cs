using MigrationHost.Hosting;
using MigrationHost.Layouts;

namespace MigrationHost.Tests.Support;

/// <summary>The providers and engines that the library knows.</summary>
internal static class Known
{
    public static ProviderRegistry Providers { get; } = new(KnownKinds.Providers);

    public static EngineRegistry Engines { get; } = new(KnownKinds.Engines);

    /// <summary>A folder of migrations.</summary>
    public static FolderFiles Files(string configured, string path) => new(configured, () => path);
}
