using MigrationHost.Api;
using MigrationHost.Tests.Support;
using Microsoft.AspNetCore.Builder;

namespace MigrationHost.Tests.Program;

/// <summary>A command reads the settings that the service would run with.</summary>
public sealed class ProgramSettingsTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly string _key = $"P{Guid.NewGuid():N}";

    public void Dispose()
    {
        foreach (var prefix in new[] { "", "ASPNETCORE_", "DOTNET_" })
            Environment.SetEnvironmentVariable($"{prefix}{_key}", null);
        _folder.Dispose();
    }

    [Theory]
    [InlineData]
    [InlineData("ASPNETCORE_")]
    [InlineData("ASPNETCORE_", "DOTNET_")]
    [InlineData("ASPNETCORE_", "DOTNET_", "file")]
    [InlineData("file", "environment's file")]
    [InlineData("file", "environment's file", "")]
    [InlineData("DOTNET_", "")]
    [InlineData("file", "", "argument")]
    [InlineData("ASPNETCORE_", "argument")]
    public void The_source_that_wins_is_that_of_the_web_host(params string[] sources)
    {
        List<string> arguments = [$"--contentRoot={_folder.Path}", "--environment=Special"];
        foreach (var source in sources)
        {
            if (source == "argument")
                arguments.Add($"--{_key}={source}");
            else if (source == "file")
                _folder.Write("appsettings.json", $$"""{ "{{_key}}": "file" }""");
            else if (source == "environment's file")
                _folder.Write("appsettings.Special.json", $$"""{ "{{_key}}": "environment's file" }""");
            else
                Environment.SetEnvironmentVariable($"{source}{_key}", $"in {source}");
        }

        var (settings, contentRoot) = ProgramSettings.Read([.. arguments]);
        var web = WebApplication.CreateBuilder([.. arguments]);

        Assert.Equal(web.Configuration[_key], settings[_key]);
        Assert.Equal(web.Environment.ContentRootPath.TrimEnd('/'), contentRoot.Path);
    }
}
