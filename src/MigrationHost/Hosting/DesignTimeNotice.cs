using MigrationHost.Running;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Hosting;

/// <summary>Stands in the place of the migrations if a tool has started the application: nothing is opened, and no file is made.</summary>
internal sealed class DesignTimeNotice(ILogger<DesignTimeNotice> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        Log.DesignTime(logger, DesignTimeHost.Tool!);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
