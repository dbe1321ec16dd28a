using Microsoft.Extensions.Logging;

namespace MigrationHost.Running;

/// <summary>The loggers of everything that must not wait for a log provider.</summary>
/// <param name="loggers">Gives the host's own, once there is a line for them.</param>
/// <param name="outbox">Where the lines leave.</param>
/// <param name="least">What is heard.</param>
internal sealed class QueuedLoggers(Func<ILoggerFactory> loggers, Outbox outbox, LeastLevel least) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) => new QueuedLogger(() => loggers().CreateLogger(categoryName), outbox, least);

    public void AddProvider(ILoggerProvider provider) => loggers().AddProvider(provider);

    /// <summary>The host disposes its own.</summary>
    public void Dispose()
    {
    }
}
