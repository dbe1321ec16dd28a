using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using MigrationHost.Running;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Packaging;

/// <summary>The manifests of deploy/ and of the recipes: their schemas have nothing against them, and they agree with the endpoints,
/// limits and exit codes.</summary>
public sealed partial class ManifestTests : IDisposable
{
    private static readonly string Repository = MigrationHostProgram.Repository;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("deployment.yaml")]
    [InlineData("init-container.yaml")]
    [InlineData("job.yaml")]
    public async Task A_manifest_of_Kubernetes_is_valid_and_leaves_a_migration_its_time(string file)
    {
        foreach (var manifest in await ReadAsync("kubernetes", Path.Combine(Repository, "deploy", "kubernetes", file)))
        {
            if (manifest.GetProperty("kind").GetString() == "Service")
                continue;
            var spec = manifest.GetProperty("spec");
            var pod = spec.GetProperty("template").GetProperty("spec");
            Assert.True(pod.GetProperty("terminationGracePeriodSeconds").GetInt32() > Timeouts.Default.Grace.TotalSeconds + 1);
            if (spec.TryGetProperty("progressDeadlineSeconds", out var deadline))
                Assert.True(deadline.GetInt32() > Math.Max(Timeouts.Default.Turn.TotalSeconds, Timeouts.Default.Migration.TotalSeconds));
            foreach (var container in pod.GetProperty("containers").EnumerateArray())
                AssertProbes(container);
        }
    }

    [Fact]
    public async Task A_job_tries_again_what_can_heal_by_itself_and_nothing_else()
    {
        var job = Assert.Single(await ReadAsync("kubernetes", Path.Combine(Repository, "deploy", "kubernetes", "job.yaml")));
        var rule = Assert.Single(job.GetProperty("spec").GetProperty("podFailurePolicy").GetProperty("rules").EnumerateArray());

        var fatal = rule.GetProperty("onExitCodes").GetProperty("values").EnumerateArray().Select(code => code.GetInt32());

        Assert.Equal(Enum.GetValues<MigrationErrorCode>().Where(code => !Heals(code)).Select(ExitCodes.Of).Order(), fatal.Order());
    }

    [Theory]
    [InlineData("deploy/compose.yaml")]
    [InlineData("docs/recipes/compose.md")]
    public async Task A_file_of_Compose_is_valid_and_leaves_a_migration_its_time(string page)
    {
        foreach (var file in Blocks(page, "yaml"))
        {
            var services = Assert.Single(await ReadAsync("compose", file)).GetProperty("services");
            foreach (var service in services.EnumerateObject().Select(service => service.Value).Where(Migrates))
            {
                var grace = service.GetProperty("stop_grace_period").GetString()!.TrimEnd('s');
                Assert.True(int.Parse(grace, CultureInfo.InvariantCulture) > Timeouts.Default.Grace.TotalSeconds + 1);
                if (service.TryGetProperty("healthcheck", out var check) && check.TryGetProperty("start_period", out var start))
                    Assert.True(
                        Timeouts.Default.Migration.TotalHours < int.Parse(start.GetString()!.TrimEnd('h'), CultureInfo.InvariantCulture));
            }
        }
    }

    [Theory]
    [InlineData("deploy/migrationhost.service")]
    [InlineData("docs/recipes/systemd.md")]
    public async Task A_unit_of_systemd_is_valid(string page)
    {
        var unit = Path.Combine(_folder.Path, "shop-migrations.service");
        var text = await File.ReadAllTextAsync(Blocks(page, "ini").First());

        // systemd-analyze looks for the program and the user, which are not on this machine.
        await File.WriteAllTextAsync(unit, text.Replace("/opt/migrationhost/migrationhost", "/bin/true", StringComparison.Ordinal));
        await using var analyze = new RunningProgram("systemd-analyze", ["verify", "--man=no", unit], _folder.Path);

        Assert.True(await analyze.ExitAsync() == 0 && !analyze.All.Contains("Unknown", StringComparison.Ordinal), analyze.All);
        Assert.DoesNotMatch(StartLimit(), text);
    }

    private static void AssertProbes(JsonElement container)
    {
        foreach (var probe in new[] { "startup", "liveness", "readiness" })
        {
            if (container.TryGetProperty($"{probe}Probe", out var found))
                Assert.Equal($"/health/{Endpoint(probe)}", found.GetProperty("httpGet").GetProperty("path").GetString());
        }
    }

    private static string Endpoint(string probe) => probe switch
    {
        "liveness" => "live",
        "readiness" => "ready",
        _ => probe,
    };

    private static bool Migrates(JsonElement service) => service.ToString().Contains("MigrationHost__", StringComparison.Ordinal);

    private static bool Heals(MigrationErrorCode code) =>
        code is MigrationErrorCode.DatabaseUnreachable or MigrationErrorCode.Blocked or MigrationErrorCode.Interrupted;

    private IEnumerable<string> Blocks(string page, string language)
    {
        var path = Path.Combine(Repository, page);
        if (Path.GetExtension(page) != ".md")
            return [path];
        return [.. Regex.Matches(File.ReadAllText(path), $"```{language}\n(?<text>.*?)\n```", RegexOptions.Singleline)
            .Select((block, number) => _folder.Write($"{number}.{language}", block.Groups["text"].Value + "\n"))];
    }

    private static async Task<List<JsonElement>> ReadAsync(string kind, string file)
    {
        await using var node = new RunningProgram("node", [Path.Combine(Repository, "tests", "tools", "manifests.mjs"), kind, file]);
        node.CloseInput();
        Assert.True(await node.ExitAsync() == 0, node.All);
        return [.. node.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
    }

    // The default of 90 s, or a number without the notice that extends it, would end a long migration.
    [GeneratedRegex("Type=oneshot(?!.*TimeoutStartSec=infinity)", RegexOptions.Singleline)]
    private static partial Regex StartLimit();
}
