using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace MigrationHost.Hosting;

/// <summary>Lets the host's shutdown last long enough for a running migration to be cancelled and rolled back.</summary>
internal sealed class ShutdownTimeout(IOptions<MigrationHostOptions> migrations) : IPostConfigureOptions<HostOptions>
{
    private static readonly TimeSpan ToRollBack = TimeSpan.FromSeconds(5);

    public void PostConfigure(string? name, HostOptions options)
    {
        if (options.ShutdownTimeout == Timeout.InfiniteTimeSpan || Settings() is not { } settings)
            return;
        foreach (var database in settings.Databases.Values)
        {
            var needed = Timeouts.For(database.Timeouts, settings.Timeouts).Grace + ToRollBack;
            options.ShutdownTimeout = options.ShutdownTimeout > needed ? options.ShutdownTimeout : needed;
        }
    }

    // A host whose settings are wrong never starts; they are told there.
    private MigrationHostOptions? Settings()
    {
        try
        {
            return migrations.Value;
        }
        catch (OptionsValidationException)
        {
            return null;
        }
    }
}
