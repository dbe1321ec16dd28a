using System.Reflection;
using System.Xml.Linq;
using MigrationHost.Testing;
using MigrationHost.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace MigrationHost.Tests.Packaging;

/// <summary>What people get: packages that a fresh project and `dotnet tool install` use from a folder.</summary>
public sealed class PackageTests(Packages packages) : IClassFixture<Packages>
{
    [Theory]
    [InlineData("MigrationHost", typeof(MigrationHostExtensions))]
    [InlineData("MigrationHost.EntityFrameworkCore", typeof(EntityFrameworkExtensions))]
    [InlineData("MigrationHost.Testing", typeof(MigratedDatabase))]
    [InlineData("MigrationHost.Tool", null)]
    public void A_package_has_all_that_a_gallery_shows_and_documents_what_is_public(string name, Type? inIt)
    {
        using var package = packages.Open(name);
        using var symbols = packages.Open(name, "snupkg");
        var files = package.Entries.Select(entry => entry.FullName).ToList();
        var nuspec = Read($"{name}.nuspec");
        Assert.Empty(new[] { "README.md", "icon.png" }.Except(files));
        Assert.Contains(symbols.Entries, entry => entry.Name.EndsWith(".pdb", StringComparison.Ordinal));
        foreach (var item in new[] { "readme", "icon", "license", "tags", "description" })
            Assert.NotEmpty(nuspec.Descendants().Where(element => element.Name.LocalName == item).Select(element => element.Value));
        Assert.DoesNotContain(package.Entries, entry => entry.FullName.Contains("/ios", StringComparison.Ordinal));
        if (inIt is null)
            return;

        var documented = Read($"lib/net10.0/{name}.xml").Descendants("member").Select(member => member.Attribute("name")!.Value).ToList();
        Assert.NotEmpty(documented);
        Assert.Empty(documented.Select(NameOf).Except(PublicNames(inIt.Assembly)));

        XDocument Read(string file)
        {
            using var stream = package.GetEntry(file)!.Open();
            return XDocument.Load(stream);
        }
    }

    [Fact]
    public async Task A_fresh_project_migrates_with_its_own_commands_and_tests_with_its_own_database()
    {
        packages.Write("App.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk.Web">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="MigrationHost.EntityFrameworkCore" Version="{packages.Version}" />
                <PackageReference Include="MigrationHost.Testing" Version="{packages.Version}" />
              </ItemGroup>
            </Project>
            """);
        packages.Write("Program.cs", """
            using MigrationHost.Testing;

            if (args is ["make-test-database"])
            {
                await using var database = await MigratedDatabase.CreateAsync("migrations");
                Console.WriteLine(File.Exists(database.ConnectionString.Split('=', ';')[1]));
                return 0;
            }
            var builder = WebApplication.CreateBuilder(args);
            builder.Services.AddMigrationHost(builder.Configuration);
            return await builder.Build().RunWithMigrationsAsync(args);
            """);
        packages.Write("migrations/1_create_greetings.sql", "CREATE TABLE greetings (id INTEGER);");
        packages.Write("migrations/deeper/note.txt", "This goes with them.");
        await Packages.RunAsync(packages.Place, "publish", "--nologo", "--output", "published");

        using var elsewhere = new TempFolder();
        var app = Path.Combine(packages.Place, "published", "App");
        Assert.True(File.Exists(Path.Combine(packages.Place, "published", "migrations", "deeper", "note.txt")));
        var (code, output, errors) = await MigrationHostProgram.RunAppAsync(
            app, elsewhere.Path, "migrate", "--MigrationHost:Databases:app:ConnectionString=Data Source=app.db");
        Assert.True(code == 0, errors);
        Assert.StartsWith("app  applied 1 create greetings", output, StringComparison.Ordinal);

        (code, output, errors) = await MigrationHostProgram.RunAppAsync(app, elsewhere.Path, "make-test-database");
        Assert.True((code, output.Trim()) == (0, "True"), $"{output}{errors}");
    }

    [Fact]
    public async Task The_tool_is_installed_and_runs()
    {
        await Packages.RunAsync(packages.Place, "tool", "install", "MigrationHost.Tool", "--tool-path", "tools", "--version", packages.Version, "--configfile", "nuget.config");

        var (code, output, errors) = await MigrationHostProgram.RunAppAsync(Path.Combine(packages.Place, "tools", "migrationhost"), packages.Place, "--version");
        Assert.True(code == 0, errors);
        Assert.Matches(@"^\d+\.\d+\.\d+", output);
    }

    private static string NameOf(string member) => member[2..].Split('(')[0].Split("``")[0].Replace("#ctor", ".ctor", StringComparison.Ordinal);

    private static HashSet<string> PublicNames(Assembly assembly) =>
    [
        .. from type in assembly.GetExportedTypes()
           from name in type.GetMembers().Select(member => $"{type.FullName}.{member.Name}").Prepend(type.FullName)
           select name.Replace('+', '.'),
    ];
}
