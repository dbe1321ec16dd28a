using System.Runtime.CompilerServices;

namespace MigrationHost.Tests.Support;

/// <summary>The test's process is somebody else's application: it is told where the program is.</summary>
internal static class AssemblySetup
{
    [ModuleInitializer]
    internal static void NameTheProgram() => Environment.SetEnvironmentVariable("MIGRATIONHOST_PROGRAM", MigrationHostProgram.Path);
}
