using Microsoft.Extensions.Logging;

namespace MigrationHost.Tests.Support;

/// <summary>An application's own log provider that blocks for ever, or fails, whenever it is asked anything.</summary>
/// <param name="fails">Whether it throws instead of blocking.</param>
internal sealed class BadLog(bool fails) : ILoggerProvider, ILogger
{
    private readonly ManualResetEventSlim _released = new();
    private bool _failed;

    /// <summary>How many lines it has got.</summary>
    public int Lines { get; private set; }

    /// <summary>Fails once, for ours alone: the host makes its own with itself, and makes none while another is being made.</summary>
    public ILogger CreateLogger(string categoryName)
    {
        if (fails && !_failed && categoryName.StartsWith(nameof(MigrationHost), StringComparison.Ordinal))
        {
            _failed = true;
            throw new InvalidOperationException("this log is broken");
        }
        return this;
    }

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel)
    {
        if (fails)
            throw new InvalidOperationException("this log is broken");
        _released.Wait();
        return true;
    }

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        Lines++;
        IsEnabled(logLevel);
    }

    public void Release() => _released.Set();

    /// <summary>Not disposed: a thread may wait for it.</summary>
    public void Dispose() => Release();
}
