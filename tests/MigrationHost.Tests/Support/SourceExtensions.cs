using MigrationHost.Platform;
using MigrationHost.Scripts;

namespace MigrationHost.Tests.Support;

internal static class SourceExtensions
{
    /// <summary>All that a source holds, if nobody wants to know which file is being read.</summary>
    public static MigrationSet Read(this IMigrationSource source) => source.Read(new FilesInHand(TimeProvider.System));
}
