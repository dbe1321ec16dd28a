using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using MigrationHost.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Playwright;

namespace MigrationHost.Tests.Http.Page;

/// <summary>The page in a real browser, held up by a real psql.</summary>
[Collection(PostgreSqlCluster.Collection)]
public sealed class BrowserTests(PostgreSqlCluster cluster) : IAsyncLifetime
{
    /// <summary>A folder for pictures of the page; none are kept without it.</summary>
    private static readonly string? Pictures = Environment.GetEnvironmentVariable("MIGRATIONHOST_TEST_PICTURES");

    private static readonly (string, string)[] Impatient = [("Timeouts:StallAfter", "00:00:00.300"), ("Timeouts:LockAttempt", "00:00:01")];

    /// <summary>What the browser says of the 503 and of an application without icon, and of the styles of what drives and checks the page.</summary>
    private static readonly string[] Expected = ["Failed to load resource", "Applying inline style"];

    private static readonly BrowserTypeLaunchOptions Chromium = new()
    {
        ExecutablePath = "/usr/bin/chromium",
        Args = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
    };

    private readonly PostgreSqlTestDatabase _database = new(cluster) { AllowExistingTables = true };
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async Task InitializeAsync()
    {
        await _database.QueryAsync("CREATE TABLE orders (id integer)");
        _database.Migration("1_create_customers", "CREATE TABLE customers (id integer);");
        _database.Migration("2_add_total", "ALTER TABLE orders ADD COLUMN total integer;");
        _database.Migration("3_create_items", "CREATE TABLE items (id integer);");
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(Chromium);
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task It_draws_who_is_in_the_way_gives_the_remedy_and_becomes_the_application_by_itself()
    {
        await using var reader = await _database.HoldFromOutsideAsync("SELECT * FROM orders;");
        await using var queued = await _database.HoldFromOutsideAsync("SELECT 1;", "LOCK TABLE orders;");
        await using var app = await StartAsync();
        var context = await _browser!.NewContextAsync(new() { Permissions = ["clipboard-read", "clipboard-write"] });
        var page = await context.NewPageAsync();
        List<string> errors = [];
        page.PageError += (_, error) => errors.Add(error);
        page.Console += (_, said) =>
        {
            if (said.Type == "error" && !Expected.Any(expected => said.Text.Contains(expected, StringComparison.Ordinal)))
                errors.Add(said.Text);
        };

        var first = await page.GotoAsync($"{app.Address}list");
        Assert.Equal(503, first!.Status);
        var remedy = page.Locator($"button[data-copy=\"select pg_terminate_backend({reader.Pid})\"]");
        await remedy.WaitForAsync();
        Assert.Contains($"(pid {reader.Pid})", await page.Locator(".tree > li > b").First.InnerTextAsync(), StringComparison.Ordinal);
        await page.Locator(".tree .own").WaitForAsync();
        await page.GetByText("statement 1 of 1, 2_add_total.sql:1").WaitForAsync();
        await remedy.ClickAsync();
        Assert.Equal($"select pg_terminate_backend({reader.Pid})", await page.EvaluateAsync<string>("navigator.clipboard.readText()"));
        foreach (var (scheme, width) in new[] { (ColorScheme.Light, 1100), (ColorScheme.Dark, 1100), (ColorScheme.Light, 360) })
        {
            await page.EmulateMediaAsync(new() { ColorScheme = scheme });
            await page.SetViewportSizeAsync(width, 760);
            Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"wider than {width}");
            Assert.Empty((await page.RunAxe()).Violations.Select(Say));
            if (Pictures is not null)
                await page.ScreenshotAsync(new() { Path = Path.Combine(Pictures, $"page-{(width < 1000 ? "narrow" : $"{scheme}".ToLowerInvariant())}.png") });
        }

        await reader.ReleaseAsync();
        await queued.ReleaseAsync();
        await page.GetByText("these are the orders").WaitForAsync();
        Assert.Empty(errors);
    }

    [Fact]
    public async Task Without_script_it_becomes_the_application_too()
    {
        await using var reader = await _database.HoldFromOutsideAsync("SELECT * FROM orders;");
        await using var app = await StartAsync();
        var context = await _browser!.NewContextAsync(new() { JavaScriptEnabled = false });
        var page = await context.NewPageAsync();
        await page.GotoAsync($"{app.Address}list");
        await page.GetByText($"(pid {reader.Pid})").First.WaitForAsync();

        await reader.ReleaseAsync();

        await page.GetByText("these are the orders").WaitForAsync();
    }

    private Task<TestApp> StartAsync() => TestApp.StartAsync(
        _database, Impatient, build: TestApp.OnSocket, configure: app => app.MapGet("/list", () => "these are the orders"));

    private static string Say(AxeResultItem violation) => $"{violation.Id}: {violation.Help} {string.Join(", ", violation.Nodes.Select(node => node.Html))}";
}
