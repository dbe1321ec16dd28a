using System.Text.RegularExpressions;
using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using MigrationHost.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace MigrationHost.Tests;

/// <summary>The folders of the library are layers: what a file uses is in its own folder or in one below it.</summary>
public sealed partial class ArchitectureTests
{
    private const string Root = "MigrationHost";

    /// <summary>From the bottom to the top. To move a folder up or down in this list is to change the design.</summary>
    private static readonly string[] Layers =
    [
        "Text",
        "Platform",
        "Output",
        "State",
        "Options",
        "Scripts",
        "Databases/Connections",
        "Databases",
        "Databases/Sqlite",
        "Databases/PostgreSql",
        "Databases/MySql",
        "Layouts",
        "Masking",
        "Running",
        "Tools",
        "Child",
        "Engines",
        "Engines/Tools",
        "Engines/Alembic",
        "Engines/Command",
        "Http/Page",
        "Http",
        "Hosting",
        "Commands",
        ".",
    ];

    /// <summary>Folders of which none uses another: each can be taken out.</summary>
    private static readonly string[][] Siblings =
    [
        ["Databases/Sqlite", "Databases/PostgreSql", "Databases/MySql"],
        ["Engines/Alembic", "Engines/Command"],
    ];

    /// <summary>Folders whose types are in the root's namespace: what applications write is there, and what every file may use.</summary>
    private static readonly string[] InRootNamespace = [".", "Text", "State", "Options"];

    private static readonly string Source = Path.Combine(MigrationHostProgram.Repository, "src", Root);

    private static readonly List<SourceFile> Files =
    [
        .. from path in Directory.EnumerateFiles(Source, "*.cs", SearchOption.AllDirectories)
           let folder = Path.GetRelativePath(Source, Path.GetDirectoryName(path)!)
           where folder.Split(Path.DirectorySeparatorChar)[0] is not ("obj" or "bin")
           let text = File.ReadAllText(path)
           select new SourceFile(
               Path.GetFileName(path).Split('.')[0],
               Layer(folder.Replace(Path.DirectorySeparatorChar, '/')),
               Namespace().Match(text).Groups["name"].Value,
               [.. TopLevelType().Matches(text).Select(type => type.Groups["name"].Value)]),
    ];

    [Fact]
    public void Every_folder_uses_only_those_below_it()
    {
        var folders = Files.DistinctBy(file => file.Type).ToDictionary(file => file.Type, file => file.Folder);
        var types = new ArchLoader().LoadAssemblies(typeof(MigrationHostExtensions).Assembly).Build().Types.ToList();
        Assert.NotEmpty(types);

        var upward =
            from type in types
            let folder = folders.GetValueOrDefault(NameInSource(type))
            where folder is not null
            from used in type.Dependencies.Select(dependency => dependency.Target).Distinct()
            let other = folders.GetValueOrDefault(NameInSource(used))
            where other is not null && !MayUse(folder, other)
            select $"{folder}: {type.Name} uses {other}: {used.Name}";

        Assert.Empty(upward.Distinct());
    }

    /// <summary>The reader alone has a default.</summary>
    [Fact]
    public void Nothing_outside_the_folder_of_a_database_asks_for_it() => Assert.Equal(
        ["Hosting/OptionsReader.cs"],
        from path in Directory.EnumerateFiles(Source, "*.cs", SearchOption.AllDirectories)
        let name = Path.GetRelativePath(Source, path).Replace(Path.DirectorySeparatorChar, '/')
        where !name.StartsWith("Databases/", StringComparison.Ordinal) && OneProvider().IsMatch(File.ReadAllText(path))
        select name);

    [Fact]
    public void Every_folder_is_a_layer() => Assert.Equal(Layers.Order(), Files.Select(file => file.Folder).Distinct().Order());

    [Fact]
    public void Every_file_has_the_namespace_of_its_folder() => Assert.Empty(
        from file in Files
        let expected = file.Name == nameof(MigrationHostExtensions) ? typeof(MigrationHostExtensions).Namespace
            : InRootNamespace.Contains(file.Folder) ? Root : $"{Root}.{file.Folder.Replace('/', '.')}"
        where file.Namespace != expected
        select $"{file.Folder}/{file.Name}.cs is in {file.Namespace}");

    [Fact]
    public void Every_file_has_one_type_and_its_name() => Assert.Empty(
        from file in Files
        where file.Types is not [var only] || only != file.Name
        select $"{file.Folder}/{file.Name}.cs has {string.Join(", ", file.Types)}");

    [Fact]
    public void No_two_types_have_one_name() => Assert.Empty(
        from file in Files.DistinctBy(file => file.Type)
        group file by file.Name into named
        where named.Count() > 1
        select string.Join(", ", named.Select(file => $"{file.Folder}/{file.Name}.cs")));

    [GeneratedRegex(@"DatabaseProvider\.(Sqlite|PostgreSql|MySql)\b")]
    private static partial Regex OneProvider();

    private static bool MayUse(string folder, string other) =>
        Array.IndexOf(Layers, other) <= Array.IndexOf(Layers, folder)
            && (other == folder || !Siblings.Any(siblings => siblings.Contains(folder) && siblings.Contains(other)));

    // One folder for each tool: all of them are one layer with what they have in common.
    private static string Layer(string folder) => folder.StartsWith("Layouts/", StringComparison.Ordinal) ? "Layouts" : folder;

    // A nested type, and what the compiler makes of a lambda or an async method, is in the file of the type around it.
    private static string NameInSource(IType type) => type.FullName.Split('+', '/', '`', '<')[0];

    [GeneratedRegex(@"^namespace (?<name>[\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(
        @"^(public |internal )([a-z]+ )*(class|record struct|record|struct|interface|enum|delegate \S+) (?<name>\w+)",
        RegexOptions.Multiline)]
    private static partial Regex TopLevelType();

    private sealed record SourceFile(string Name, string Folder, string Namespace, string[] Types)
    {
        public string Type => $"{Namespace}.{Name}";
    }
}
