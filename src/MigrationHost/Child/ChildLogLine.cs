using Microsoft.Extensions.Logging;

namespace MigrationHost.Child;

/// <summary>A line of a child's log.</summary>
internal sealed record ChildLogLine(LogLevel Level, string Text);
