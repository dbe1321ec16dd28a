using MigrationHost.Masking;
using MigrationHost.Running;
using MigrationHost.Tests.Support;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Tests.Masking;

/// <summary>The log of an application that has MigrationHost in it is somebody else's: what reaches it is already masked.</summary>
public sealed class MaskedLoggerTests
{
    private readonly LogLines _log = new();
    private readonly ILogger _masked;

    public MaskedLoggerTests()
    {
        _masked = new MaskedLogger(_log, Known);
    }

    private static Secrets Known => Secrets.Of(new MigrationHostOptions
    {
        Databases = { ["app"] = new DatabaseOptions { ConnectionString = "Host=db;Password=s3cr3t!" } },
    });

    [Fact]
    public void Text_and_exceptions_are_masked()
    {
        Log.Unexpected(_masked, "app", new InvalidOperationException("cannot use s3cr3t!", new IOException("s3cr3t! again")));
        Log.Note(_masked, "app", "the password is s3cr3t!");

        Assert.All(_log.All, line => Assert.DoesNotContain("s3cr3t!", line, StringComparison.Ordinal));
        Assert.Contains(_log.All, line => line.Contains("System.IO.IOException: *** again", StringComparison.Ordinal));
        Assert.Contains(_log.All, line => line.Contains("app: the password is ***", StringComparison.Ordinal));
    }

    [Fact]
    public void The_values_that_a_structured_log_keeps_are_masked_and_keep_their_names()
    {
        var states = new List<IReadOnlyList<KeyValuePair<string, object?>>>();
        var logger = new MaskedLogger(new Keeping(states), Known);

        Log.Applied(logger, "app", "1", "with s3cr3t!", "1 statement", "2 ms");

        var values = Assert.Single(states).ToDictionary();
        Assert.Equal(("app", "with ***"), (values["Database"], values["Description"]));
        Assert.Contains("{Description}", (string)values["{OriginalFormat}"]!, StringComparison.Ordinal);
    }

    [Fact]
    public void An_exception_is_passed_on_as_it_is_unless_its_message_could_forge_a_line()
    {
        var kept = new KeepingExceptions();
        var logger = new MaskedLogger(kept, Known);
        Exception[] thrown = [Thrown("plain"), Thrown("one\n2026-11-27T00:00:00+00:00 INF app: ready")];

        foreach (var exception in thrown)
            Log.Unexpected(logger, "app", exception);

        Assert.Same(thrown[0], kept.All[0]);
        Assert.Contains("\n    2026-11-27T00:00:00+00:00 INF app: ready", $"{kept.All[1]}", StringComparison.Ordinal);
    }

    private static InvalidOperationException Thrown(string message)
    {
        try
        {
            throw new InvalidOperationException(message);
        }
        catch (InvalidOperationException e)
        {
            return e;
        }
    }

    private sealed class KeepingExceptions : ILogger
    {
        public List<Exception?> All { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) => All.Add(exception);
    }

    private sealed class Keeping(List<IReadOnlyList<KeyValuePair<string, object?>>> states) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) =>
            states.Add(Assert.IsAssignableFrom<IReadOnlyList<KeyValuePair<string, object?>>>(state));
    }
}
