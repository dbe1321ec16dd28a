using MigrationHost.Masking;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Running;

/// <summary>
/// A logger that hands its lines to the outbox. The listener is made there, and asked there whether it
/// wants a line: a provider may block on either.
/// </summary>
internal sealed class QueuedLogger(Func<ILogger> makeListener, Outbox outbox, LeastLevel least) : ILogger
{
    // What fails to be made is tried again with the next line.
    private readonly Lazy<ILogger> _listener = new(makeListener, LazyThreadSafetyMode.PublicationOnly);

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => least.Hears(logLevel, default);

    // The values are read now: those of a request, for one, belong to another request a moment later.
    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!least.Hears(logLevel, eventId))
            return;
        var line = LogLine.Of(state, formatter(state, exception), value => value);
        outbox.Post(() => _listener.Value.Log(logLevel, eventId, line, exception, LogLine.Formatter), logLevel < LogLevel.Error);
    }
}
