using Microsoft.Extensions.Logging;

namespace MigrationHost.Masking;

/// <summary>A log in which secrets are masked, whoever writes it in the end: text, structured values and exceptions.</summary>
internal sealed class MaskedLogger(ILogger inner, Secrets secrets) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => inner.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!inner.IsEnabled(logLevel))
            return;
        var text = formatter(state, exception);
        var masked = secrets.In(text);
        var shown = exception is null ? null : MaskedException.Of(exception, secrets);
        if (masked == text)
            inner.Log(logLevel, eventId, state, shown, (same, _) => formatter(same, exception));
        else
            inner.Log(logLevel, eventId, new MaskedState(state, masked, secrets), shown, static (same, _) => same.ToString());
    }

    /// <summary>The values of a log line by name, as the line's own state has them.</summary>
    private sealed class MaskedState(object? state, string text, Secrets secrets) : IReadOnlyList<KeyValuePair<string, object?>>
    {
        private readonly IReadOnlyList<KeyValuePair<string, object?>> _values = state as IReadOnlyList<KeyValuePair<string, object?>> ?? [];

        public int Count => _values.Count;

        public KeyValuePair<string, object?> this[int index] => Masked(_values[index]);

        public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => _values.Select(Masked).GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();

        public override string ToString() => text;

        private KeyValuePair<string, object?> Masked(KeyValuePair<string, object?> pair) =>
            pair.Value is string value ? KeyValuePair.Create(pair.Key, (object?)secrets.In(value)) : pair;
    }
}
