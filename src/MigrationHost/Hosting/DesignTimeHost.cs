using System.Reflection;

namespace MigrationHost.Hosting;

/// <summary>Tools that start an application at build or design time, to ask its services for something: it is not going to serve.</summary>
/// <remarks>
/// <see href="https://learn.microsoft.com/aspnet/core/fundamentals/openapi/aspnetcore-openapi#customizing-run-time-behavior-during-build-time-document-generation"/>
/// </remarks>
internal static class DesignTimeHost
{
    private static readonly string[] Tools = ["GetDocument.Insider", "dotnet-getdocument", "ef"];

    /// <summary>The tool that has started this process; null for the application itself.</summary>
    public static string? Tool { get; } =
        Assembly.GetEntryAssembly()?.GetName().Name is { } name && Tools.Contains(name, StringComparer.OrdinalIgnoreCase) ? name : null;
}
