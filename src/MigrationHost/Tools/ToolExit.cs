namespace MigrationHost.Tools;

/// <summary>How a tool ended.</summary>
internal sealed record ToolExit
{
    /// <summary>Its exit code; null where it was ended by a signal, or never started.</summary>
    public int? Code { get; init; }

    /// <summary>The signal that ended it; null where it ended by itself.</summary>
    public int? Signal { get; init; }

    /// <summary>Why it could not be started, or why nobody knows how it ended; null where it ended as the others say.</summary>
    public string? Failure { get; init; }

    /// <summary>Processes that could not be ended.</summary>
    public IReadOnlyList<int> Left { get; init; } = [];

    /// <summary>Who was in its way while it ran, as far as that was seen; null if nobody was.</summary>
    public ToolStall? Blocked { get; init; }

    /// <summary>What it wrote last, oldest first, both streams in the order of arrival: at most <see cref="LastLines.Most"/> lines.</summary>
    public IReadOnlyList<string> LastLines { get; init; } = [];

    public bool Succeeded => Code == 0 && Failure is null;

    /// <summary>What it says could not be handled, and so nobody knows how it would have ended.</summary>
    public static ToolExit Unreadable(Exception e) =>
        new() { Failure = $"was ended, because its output could not be handled: {e.GetType().Name}: {e.Message}" };

    /// <summary>In words: <c>ended with exit code 3</c>.</summary>
    public string Describe() =>
        Failure is not null ? Failure
        : Signal is { } signal ? $"was ended by {SignalName.Of(signal)}"
        : $"ended with exit code {Code}";
}
