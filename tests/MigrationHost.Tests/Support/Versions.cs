using MigrationHost.Scripts;

namespace MigrationHost.Tests.Support;

/// <summary>Versions from literals.</summary>
internal static class Versions
{
    public static MigrationVersion Of(string text) => MigrationVersion.TryParse(text, out var version) ? version : throw new FormatException(text);
}
