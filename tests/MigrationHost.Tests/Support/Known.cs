using MigrationHost.Hosting;
using MigrationHost.Layouts;
using Microsoft.Extensions.DependencyInjection;

namespace MigrationHost.Tests.Support;

/// <summary>The providers and engines that the library knows.</summary>
internal static class Known
{
    private static readonly IServiceProvider Services = new ServiceCollection().AddKnownKinds().BuildServiceProvider();

    public static ProviderRegistry Providers => Services.GetRequiredService<ProviderRegistry>();

    public static EngineRegistry Engines => Services.GetRequiredService<EngineRegistry>();

    /// <summary>A folder of migrations.</summary>
    public static FolderFiles Files(string configured, string path) => new(configured, () => path);
}
