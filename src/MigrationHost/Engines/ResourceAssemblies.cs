using System.Reflection;
using MigrationHost.Layouts;

namespace MigrationHost.Engines;

/// <summary>The assemblies that may carry migrations as resources.</summary>
internal static class ResourceAssemblies
{
    /// <summary>Where to look: the assembly that the setting names comes first, then the program's own, then all that are
    /// loaded.</summary>
    /// <param name="configured">The setting: a resource's name begins with that of its assembly, unless its project sets
    /// another.</param>
    public static IEnumerable<Assembly> For(string configured)
    {
        for (var name = configured[EmbeddedFiles.Scheme.Length..].Trim(); name.Length > 0; name = Parent(name))
        {
            if (Load(name) is { } named)
                yield return named;
        }
        foreach (var assembly in Loaded())
            yield return assembly;
    }

    /// <summary>The SQL files among the program's resources.</summary>
    public static IEnumerable<string> Scripts() =>
        Loaded().SelectMany(assembly => assembly.GetManifestResourceNames())
            .Where(name => name.EndsWith(".sql", StringComparison.OrdinalIgnoreCase));

    private static IEnumerable<Assembly> Loaded() =>
        AppDomain.CurrentDomain.GetAssemblies()
            .Where(assembly => !assembly.IsDynamic)
            .OrderBy(assembly => assembly != Assembly.GetEntryAssembly())
            .ThenBy(assembly => assembly.FullName, StringComparer.Ordinal);

    private static string Parent(string name) => name.LastIndexOf('.') is var dot and > 0 ? name[..dot] : "";

    // One that nothing has used yet is not loaded.
    private static Assembly? Load(string name)
    {
        try
        {
            return Assembly.Load(new AssemblyName { Name = name });
        }
        catch (Exception e) when (e is IOException or BadImageFormatException or ArgumentException)
        {
            return null;
        }
    }
}
