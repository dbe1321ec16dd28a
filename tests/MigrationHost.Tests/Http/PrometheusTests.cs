using System.Net;
using System.Text.RegularExpressions;
using MigrationHost.Commands;
using MigrationHost.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace MigrationHost.Tests.Http;

/// <summary><c>/metrics</c>: who gets it, what it says, and that what is shipped for Prometheus and Grafana uses names that exist.</summary>
public sealed partial class PrometheusTests : IAsyncLifetime
{
    private const string MetricsPath = "/metrics";

    private static readonly string Deploy = Path.Combine(MigrationHostProgram.Repository, "deploy");

    private readonly SqliteTestDatabase _database = new();

    public Task InitializeAsync()
    {
        _database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        _database.Migration("2_fill", "INSERT INTO a VALUES (1);");
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Theory]
    [InlineData(null, 404, 200)]
    [InlineData("Management", 404, 200)]
    [InlineData("On", 200, 200)]
    [InlineData("Off", 404, 404)]
    public async Task The_setting_decides_which_address_has_it_before_ready_and_after(string? setting, int onTraffic, int onManagement)
    {
        await using var holder = await Sqlite3.HoldAsync(_database.Path, "BEGIN IMMEDIATE;");
        var management = $"http://127.0.0.1:{PostgreSqlCluster.FreePort()}";
        (string, string)[] settings = [("ManagementUrl", management), .. setting is null ? [] : new[] { ("Metrics", setting) }];
        await using var app = await TestApp.StartAsync(_database, settings, map: Map);
        using var client = new HttpClient { BaseAddress = new Uri(management) };
        foreach (var isReady in new[] { false, true })
        {
            if (isReady)
            {
                await holder.ReleaseAsync();
                await app.State.WaitUntilReadyAsync();
            }
            using var there = await client.GetAsync(new Uri(MetricsPath, UriKind.Relative));
            Assert.Equal((onTraffic, onManagement), (await app.StatusCodeAsync(MetricsPath), (int)there.StatusCode));
            Assert.True(there.Headers.CacheControl?.NoStore);
            if (there.StatusCode == HttpStatusCode.OK)
                Assert.Contains($"migrationhost_ready{{migrationhost_database=\"app\"}} {(isReady ? 1 : 0)}\n", await there.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("On", false, 1)]
    [InlineData("On", true, 1)]
    [InlineData("Management", false, 0)]
    public void An_application_that_runs_with_migrations_has_it_unless_it_has_one_itself(string setting, bool hasItsOwn, int expected)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration["MigrationHost:Metrics"] = setting;
        builder.Services.AddMigrationHost(builder.Configuration);
        using var app = builder.Build();
        if (hasItsOwn)
            app.MapGet(MetricsPath, () => "its own");

        new BuiltHost(app).ForServe();

        var mapped = ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>().Where(endpoint => endpoint.RoutePattern.RawText == MetricsPath);
        Assert.Equal(expected, mapped.Count());
    }

    [Fact]
    public async Task It_has_every_value_in_the_form_that_prometheus_reads()
    {
        await using var app = await TestApp.StartAsync(_database, [("Metrics", "On")], map: Map);
        await app.State.WaitUntilReadyAsync();
        await Eventually.BecomesTrueAsync(async () => (await app.TextAsync(MetricsPath)).Contains("_count{migrationhost_database=\"app\"} 2\n", StringComparison.Ordinal));

        var text = await app.TextAsync(MetricsPath);

        Assert.Contains("# TYPE migrationhost_migrations_applied_total counter\nmigrationhost_migrations_applied_total{migrationhost_database=\"app\"} 2\n", text, StringComparison.Ordinal);
        Assert.Contains("migrationhost_migration_duration_seconds_bucket{migrationhost_database=\"app\",le=\"+Inf\"} 2\n", text, StringComparison.Ordinal);
        Assert.Equal(Documented().Order(), Help().Matches(text).Select(match => match.Groups["name"].Value).Order());
        Assert.Equal((0, ""), await PromtoolAsync(text, "check", "metrics"));
    }

    [Fact]
    public async Task The_alerts_pass_their_tests()
    {
        Assert.Equal(0, (await PromtoolAsync("", "check", "rules", Path.Combine(Deploy, "alerts.yaml"))).Code);
        Assert.Equal(0, (await PromtoolAsync("", "test", "rules", Path.Combine(Deploy, "alerts.test.yaml"))).Code);
    }

    [Theory]
    [InlineData("alerts.yaml")]
    [InlineData("alerts.test.yaml")]
    [InlineData("grafana-dashboard.json")]
    public void Every_metric_that_is_named_exists(string file)
    {
        var used = Metric().Matches(File.ReadAllText(Path.Combine(Deploy, file))).Select(match => match.Value).Distinct().ToList();

        Assert.NotEmpty(used);
        Assert.Empty(used.Select(name => name.Replace("_bucket", "", StringComparison.Ordinal)).Except(Documented()));
    }

    private static void Map(WebApplication app)
    {
        app.MapMigrationHealth();
        app.MapMigrationMetrics();
    }

    /// <summary>The names for Prometheus in the docs, which are those that the endpoint shows.</summary>
    private static IEnumerable<string> Documented() =>
        DocumentedName().Matches(File.ReadAllText(Path.Combine(MigrationHostProgram.Repository, "docs", "observability.md"))).Select(match => match.Groups["name"].Value);

    private static async Task<(int Code, string Output)> PromtoolAsync(string input, params IEnumerable<string> arguments)
    {
        var path = Path.Combine(MigrationHostProgram.Repository, "artifacts", "promtool");
        Assert.True(File.Exists(path), $"{path} is missing: tests/run installs it");
        await using var promtool = new RunningProgram(path, arguments);
        await promtool.WriteLineAsync(input.TrimEnd());
        promtool.CloseInput();
        return (await promtool.ExitAsync(), promtool.All.Trim());
    }

    [GeneratedRegex(@"^# HELP (?<name>\w+) .", RegexOptions.Multiline)]
    private static partial Regex Help();

    [GeneratedRegex(@"\bmigrationhost_(?!database\b)\w+")]
    private static partial Regex Metric();

    [GeneratedRegex(@"^\|.*\| `(?<name>migrationhost_\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex DocumentedName();
}
