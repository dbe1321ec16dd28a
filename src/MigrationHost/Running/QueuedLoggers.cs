using Microsoft.Extensions.Logging;

namespace MigrationHost.Running;

/// <summary>The loggers of everything that must not wait for a log provider.</summary>
/// <param name="loggers">The host's own.</param>
/// <param name="outbox">Where the lines leave.</param>
internal sealed class QueuedLoggers(ILoggerFactory loggers, Outbox outbox) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) => new QueuedLogger(() => loggers.CreateLogger(categoryName), outbox);

    public void AddProvider(ILoggerProvider provider) => loggers.AddProvider(provider);

    /// <summary>The host disposes its own.</summary>
    public void Dispose()
    {
    }
}
