using Microsoft.Extensions.Logging;

namespace MigrationHost.Running;

/// <summary>A logger that hands its lines to the outbox.</summary>
internal sealed class QueuedLogger(ILogger listener, Outbox outbox) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => listener.IsEnabled(logLevel);

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
            outbox.Post(() => listener.Log(logLevel, eventId, state, exception, formatter), mayBeDropped: logLevel < LogLevel.Error);
    }
}
