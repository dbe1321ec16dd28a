using System.Reflection;

namespace MigrationHost.Layouts;

/// <summary>The files that an assembly carries as resources: <c>MyApp.Migrations.1_create_users.sql</c>, and with folders
/// <c>MyApp.Migrations/2_orders/up.sql</c>, which a project file sets as <c>LogicalName</c>.</summary>
internal sealed class EmbeddedFiles : MigrationFiles
{
    /// <summary>What the setting begins with.</summary>
    public const string Scheme = "embedded:";

    private readonly Assembly? _assembly;
    private readonly string _prefix;
    private readonly SortedDictionary<string, string> _resources = new(StringComparer.Ordinal);

    /// <param name="configured">The setting, with its scheme.</param>
    /// <param name="assemblies">Where to look; the first that has such resources is taken.</param>
    public EmbeddedFiles(string configured, IEnumerable<Assembly> assemblies) : base(configured)
    {
        _prefix = configured[Scheme.Length..].Trim().TrimEnd('.', '/');
        foreach (var assembly in assemblies)
        {
            foreach (var resource in assembly.GetManifestResourceNames().Where(IsBelow))
                _resources[resource[(_prefix.Length + 1)..].Replace('\\', '/')] = resource;
            if (_resources.Count == 0)
                continue;
            _assembly = assembly;
            break;
        }
    }

    public bool IsEmpty => _assembly is null;

    public override string? Folder => null;

    public override string Place => $"the resources of {_assembly?.GetName().Name}";

    public override IReadOnlyList<string> Files => [.. AllFiles.Where(name => !name.Contains('/', StringComparison.Ordinal))];

    public override IReadOnlyList<string> Folders =>
        [.. AllFiles.Where(name => name.Contains('/', StringComparison.Ordinal)).Select(name => name.Split('/')[0]).Distinct()];

    public override IReadOnlyList<string> AllFiles => [.. _resources.Keys];

    public override IReadOnlyList<string> FilesBelow(string folder) =>
        [.. AllFiles.Where(name => name.StartsWith($"{folder}/", StringComparison.Ordinal)).Select(name => name[(folder.Length + 1)..])];

    public static bool Are(string configured) => configured.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase);

    public override bool Has(string name) => _resources.ContainsKey(Slashed(name));

    public override bool IsEmptyFolder(string name) => false;

    public override byte[] Read(string name)
    {
        using var stream = _assembly!.GetManifestResourceStream(_resources[Slashed(name)])!;
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }

    public override string Show(string name) => _resources.GetValueOrDefault(Slashed(name)) ?? Configured;

    private bool IsBelow(string resource) =>
        resource.Length > _prefix.Length + 1
        && resource.StartsWith(_prefix, StringComparison.Ordinal)
        && resource[_prefix.Length] is '.' or '/' or '\\';

    private static string Slashed(string name) => name.Replace('\\', '/');
}
