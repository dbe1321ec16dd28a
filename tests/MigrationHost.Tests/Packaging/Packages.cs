using System.Collections;
using System.IO.Compression;
using System.Reflection;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Packaging;

/// <summary>The packages, made of what is built, in a folder of their own; and a place outside of the repository that has no other
/// source.</summary>
public sealed class Packages : IAsyncLifetime
{
    private readonly TempFolder _folder = new();

    /// <summary>Where a fresh project goes.</summary>
    public string Place => _folder["fresh"];

    public async Task InitializeAsync()
    {
        await RunAsync(MigrationHostProgram.Repository, "pack", "MigrationHost.sln", "--configuration", Configuration, "--no-build", "--no-restore", "--nologo", "--output", _folder["packages"]);
        _folder.Write("fresh/nuget.config", $"""
            <configuration>
              <packageSources><clear /><add key="built" value="{_folder["packages"]}" /></packageSources>
              <fallbackPackageFolders><clear /><add key="restored" value="{Metadata("Packages")}" /></fallbackPackageFolders>
              <config><add key="globalPackagesFolder" value="{_folder["restored"]}" /></config>
            </configuration>
            """);
    }

    public Task DisposeAsync()
    {
        _folder.Dispose();
        return Task.CompletedTask;
    }

    /// <summary>Writes a file of the fresh project.</summary>
    internal void Write(string name, string text) => _folder.Write($"fresh/{name}", text);

    /// <summary>Opens a package, or the symbols of one.</summary>
    internal ZipArchive Open(string name, string extension = "nupkg") =>
        ZipFile.OpenRead(Directory.GetFiles(_folder["packages"], $"{name}.*.{extension}").Single(file => char.IsAsciiDigit(Path.GetFileName(file)[name.Length + 1])));

    /// <summary>The version that they have.</summary>
    internal string Version =>
        Path.GetFileNameWithoutExtension(Directory.GetFiles(_folder["packages"], "MigrationHost.Testing.*.nupkg").Single())["MigrationHost.Testing.".Length..];

    /// <summary>Runs dotnet; it must succeed and warn of nothing.</summary>
    internal static async Task RunAsync(string folder, params string[] arguments)
    {
        // What the build that runs the tests says to its own parts is not for another one.
        var environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(entry => (string)entry.Key)
            .Where(name => name.StartsWith("MSBuild", StringComparison.OrdinalIgnoreCase) || name.StartsWith("VSTEST", StringComparison.Ordinal))
            .ToDictionary(name => name, _ => (string?)null);
        environment["MSBUILDDISABLENODEREUSE"] = "1";
        await using var dotnet = new RunningProgram(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [.. arguments, "--verbosity", "quiet"], folder, environment);
        dotnet.CloseInput();
        Assert.True(await dotnet.ExitAsync() == 0, dotnet.All);
        Assert.DoesNotContain("warning", dotnet.All, StringComparison.OrdinalIgnoreCase);
    }

    internal static string Metadata(string key) =>
        typeof(Packages).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == key).Value!;

    private static string Configuration => typeof(Packages).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
}
