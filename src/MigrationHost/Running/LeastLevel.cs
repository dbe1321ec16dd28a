using Microsoft.Extensions.Logging;

namespace MigrationHost.Running;

/// <summary>Below this level nobody listens: such a line is not even written, and if there is no other, no log is set up.</summary>
internal sealed record LeastLevel(LogLevel Level);
