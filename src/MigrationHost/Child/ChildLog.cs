using MigrationHost.Output;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Child;

/// <summary>The log of a child process: its host writes the lines to its own log, each at its level.</summary>
internal sealed class ChildLog : ILoggerProvider, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel) && !Running.Log.SaysHowItEnded(eventId))
            StandardOutput.Out.Log(Line(logLevel, $"{formatter(state, exception)}\n{exception}".TrimEnd()));
    }

    public void Dispose()
    {
    }

    /// <summary>The message in the place of lines that were dropped.</summary>
    public static string Dropped(long count) =>
        Line(LogLevel.Warning, $"{count} log {(count == 1 ? "line" : "lines")} of the child process dropped");

    private static string Line(LogLevel level, string text) =>
        $"{ChildJson.Write(new ChildMessage { Log = new ChildLogLine(level, text) })}\n";
}
