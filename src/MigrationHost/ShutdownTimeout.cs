using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace MigrationHost;

/// <summary>Lets the host's shutdown last long enough for a running migration to be cancelled and rolled back.</summary>
internal sealed class ShutdownTimeout(IConfiguration configuration) : IPostConfigureOptions<HostOptions>
{
    private static readonly TimeSpan ToRollBack = TimeSpan.FromSeconds(5);

    public void PostConfigure(string? name, HostOptions options)
    {
        // Read apart from the validated options: what is wrong with these is told by their own validation.
        var settings = new MigrationHostOptions();
        OptionsReader.Read(configuration, settings);
        foreach (var database in settings.Databases.Values)
        {
            var needed = Timeouts.For(database.Timeouts, settings.Timeouts).Grace + ToRollBack;
            options.ShutdownTimeout = options.ShutdownTimeout > needed ? options.ShutdownTimeout : needed;
        }
    }
}
