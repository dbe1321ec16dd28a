namespace MigrationHost.Peers;

/// <summary>The usual way of those tools in a host: the start waits for the migrations.</summary>
internal sealed class Migrating(Action tool) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        tool();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
