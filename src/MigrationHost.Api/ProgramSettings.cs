using MigrationHost.Hosting;

namespace MigrationHost.Api;

/// <summary>The settings of a command: the sources, in the order that ASP.NET Core's web application has them when it serves.</summary>
/// <remarks>
/// <see href="https://learn.microsoft.com/aspnet/core/fundamentals/configuration/#default-application-configuration-sources"/>.
/// Nothing is read again later, and each watched file would cost one of the few inotify instances that a container's user has.
/// </remarks>
internal static class ProgramSettings
{
    /// <param name="arguments">The settings of the command line.</param>
    public static (IConfiguration Configuration, ContentRoot ContentRoot) Read(string[] arguments)
    {
        var settings = new ConfigurationManager();
        settings.AddEnvironmentVariables("ASPNETCORE_").AddEnvironmentVariables("DOTNET_").AddCommandLine(arguments);
        var environment = settings[HostDefaults.EnvironmentKey] ?? Environments.Production;
        var contentRoot = Path.GetFullPath(settings[HostDefaults.ContentRootKey] ?? Environment.CurrentDirectory);
        settings.SetBasePath(contentRoot);
        settings.AddJsonFile("appsettings.json", optional: true, reloadOnChange: false)
            .AddJsonFile($"appsettings.{environment}.json", optional: true, reloadOnChange: false)
            .AddEnvironmentVariables()
            .AddCommandLine(arguments);
        return (settings, new ContentRoot(contentRoot));
    }
}
