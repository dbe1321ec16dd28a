using Microsoft.Extensions.Logging;

namespace MigrationHost.Commands;

/// <summary>What a command's log is to be like.</summary>
/// <param name="Least">The least level that is logged.</param>
/// <param name="HasTools">Whether what an external tool says is logged in any case.</param>
/// <param name="HasColor">Whether it may have colours on a terminal.</param>
internal sealed record CommandLog(LogLevel Least, bool HasTools, bool HasColor)
{
    public static readonly CommandLog OfServe = new(LogLevel.Information, HasTools: false, CommonOptions.MayHaveColor);
}
