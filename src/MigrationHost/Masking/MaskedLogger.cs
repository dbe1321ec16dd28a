using Microsoft.Extensions.Logging;

namespace MigrationHost.Masking;

/// <summary>
/// A log in which secrets are masked, and the texts of others are plain, whoever writes it in the end: text, structured values and
/// exceptions.
/// </summary>
internal sealed class MaskedLogger(ILogger inner, Secrets secrets) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => inner.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var text = formatter(state, exception);
        var masked = Shown(text);
        var shown = exception is null ? null : MaskedException.Of(exception, secrets);
        if (masked == text)
        {
            inner.Log(logLevel, eventId, state, shown, (same, _) => formatter(same, exception));
            return;
        }
        var line = LogLine.Of(state, masked, Shown);
        inner.Log(logLevel, eventId, line, shown, LogLine.Formatter);
    }

    private string Shown(string text) => PlainText.Lines(secrets.In(text));
}
