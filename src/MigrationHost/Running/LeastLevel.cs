using Microsoft.Extensions.Logging;

namespace MigrationHost.Running;

/// <summary>Which lines anybody listens to: the others are not even written, and if there is none, no log is set up.</summary>
/// <param name="Level">The least level.</param>
/// <param name="HasTools">Whether what an external tool says is heard below it too.</param>
internal sealed record LeastLevel(LogLevel Level, bool HasTools = false)
{
    /// <summary>What is said to a log of which nothing is known: it knows itself what it wants.</summary>
    public static readonly LeastLevel OfAnyLog = new(LogLevel.Information);

    public bool Hears(LogLevel level, EventId id) =>
        level < LogLevel.None && (level >= Level || (HasTools && id.Id == Log.ToolLineEvent));
}
