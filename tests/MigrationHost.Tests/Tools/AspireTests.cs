using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Tools;

/// <summary>The AppHost of samples/recipes/aspire with Aspire's own orchestrator, which starts processes without containers.</summary>
[Trait(Torture.Trait, Torture.Category)]
public sealed class AspireTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_waits_for_the_service_begins_once_its_database_is_ready()
    {
        if (!Torture.IsAsked)
            return; // what it needs from NuGet is large
        var sample = Path.Combine(MigrationHostProgram.Repository, "samples", "recipes", "aspire");
        string[] quietly = ["--nologo", "--verbosity", "quiet", "-p:RunAnalyzers=false"];
        await using (var build = new RunningProgram("dotnet", ["build", sample, .. quietly, "--output", _folder["app"]]))
            Assert.True(await build.ExitAsync() == 0, build.All);

        // The visitor of the sample, which leaves word of its visit.
        _folder.Write("bin/curl", $"#!/bin/sh\n/usr/bin/curl \"$@\" >{_folder["visit"]} 2>&1\n");
        File.SetUnixFileMode(_folder["bin/curl"], (UnixFileMode)Convert.ToInt32("755", 8));
        var environment = new Dictionary<string, string?>
        {
            ["PATH"] = $"{_folder["bin"]}:{Environment.GetEnvironmentVariable("PATH")}",
            ["ConnectionStrings__Shop"] = $"Data Source={_folder["shop.db"]}",
            ["DOTNET_ENVIRONMENT"] = "Development",
        };
        await using var holder = new RunningProgram("sqlite3", ["-batch", _folder["shop.db"]]);
        await holder.WriteLineAsync("CREATE TABLE other (id); DROP TABLE other; BEGIN EXCLUSIVE; SELECT 'held';");
        await using var host = new RunningProgram("dotnet", [_folder["app/AspireShop.dll"]], sample, environment);
        try
        {
            await Eventually.BecomesTrueAsync(
                () => host.All.Contains("/health/ready returned 503", StringComparison.Ordinal), () => host.All);
            Assert.False(File.Exists(_folder["visit"]));

            await holder.WriteLineAsync("COMMIT;");
            await Eventually.BecomesTrueAsync(
                () => File.Exists(_folder["visit"]) && File.ReadAllText(_folder["visit"]) == "[]", () => host.All);
        }
        finally
        {
            host.Signal(System.Runtime.InteropServices.PosixSignal.SIGINT);
            await host.ExitAsync();
        }
    }
}
