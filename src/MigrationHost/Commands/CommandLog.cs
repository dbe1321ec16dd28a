using Microsoft.Extensions.Logging;

namespace MigrationHost.Commands;

/// <summary>What is to be heard of a command besides its answer.</summary>
/// <param name="Least">The least level that is logged.</param>
/// <param name="HasTools">Whether what an external tool says is logged in any case.</param>
/// <param name="HasColor">Whether it may have colours on a terminal.</param>
/// <param name="IsTraced">Whether a collector that the environment names gets traces and metrics of it.</param>
internal sealed record CommandLog(LogLevel Least, bool HasTools, bool HasColor, bool IsTraced = false)
{
    public static readonly CommandLog OfServe = new(LogLevel.Information, HasTools: false, CommonOptions.MayHaveColor);
}
