using System.Net;
using System.Text.RegularExpressions;
using MigrationHost.Http.Page;
using MigrationHost.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace MigrationHost.Tests.Http.Page;

/// <summary>The page that a browser gets: at the status, and in place of every page of the application until that is ready.</summary>
public sealed partial class PageTests : IAsyncLifetime
{
    private const string Browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";

    private static readonly (string, string)[] Impatient = [("Timeouts:StallAfter", "00:00:00.100")];

    private readonly SqliteTestDatabase _database = new();
    private Sqlite3? _holder;

    public async Task InitializeAsync()
    {
        _database.Migration("4711_<b>create customers", "CREATE TABLE a (id INTEGER);");
        _holder = await Sqlite3.HoldAsync(_database.Path, "BEGIN EXCLUSIVE;");
    }

    public async Task DisposeAsync()
    {
        await _holder!.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Theory]
    [InlineData("commit there, or: select pg_terminate_backend(7) (as a superuser)", "select pg_terminate_backend(7)")]
    [InlineData("If it is stuck: select pg_terminate_backend(7), pg_terminate_backend(8)", "select pg_terminate_backend(7), pg_terminate_backend(8)")]
    [InlineData("If it is stuck: KILL 117; KILL 116", "KILL 117; KILL 116")]
    [InlineData("let it commit, or end it: kill -KILL 4837, as root", "kill -KILL 4837")]
    public void What_is_copied_of_a_remedy_is_the_whole_command(string remedy, string copied) => Assert.Equal(copied, RemedyCommand.In(remedy));

    [Theory]
    [InlineData(Browser, true)]
    [InlineData("text/html", true)]
    [InlineData("text/*", true)]
    [InlineData("application/json;q=0.5, text/html;q=0.6", true)]
    [InlineData("text/html, application/json", false)]
    [InlineData("text/html;q=0.5, */*", false)]
    [InlineData("text/html;q=0, */*", false)]
    [InlineData("*/*", false)]
    [InlineData("application/json", false)]
    [InlineData("text/html;level=1", false)]
    [InlineData("not a media type", false)]
    [InlineData("", false)]
    public async Task Who_prefers_html_gets_the_page_and_everybody_else_json(string accept, bool page)
    {
        await using var app = await TestApp.StartAsync(_database, Impatient);
        foreach (var (path, code, json) in new[] { ("/orders", 503, "application/problem+json"), ("/migrations", 200, "application/json") })
        {
            using var answer = await AskAsync(app, path, accept);

            Assert.Equal((code, page ? "text/html" : json), ((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
            Assert.Equal((true, "Accept"), (answer.Headers.CacheControl?.NoStore, answer.Headers.Vary.Single()));
            Assert.Equal(code == 503, answer.Headers.RetryAfter is not null);
        }
    }

    [Fact]
    public async Task Only_a_reader_gets_the_page()
    {
        await using var app = await TestApp.StartAsync(_database, Impatient);

        using var posted = await AskAsync(app, "/orders", Browser, HttpMethod.Post);
        Assert.Equal("application/problem+json", posted.Content.Headers.ContentType?.MediaType);
        using var head = await AskAsync(app, "/orders", Browser, HttpMethod.Head);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "text/html", ""), (head.StatusCode, head.Content.Headers.ContentType?.MediaType, await head.Content.ReadAsStringAsync()));
    }

    [Fact]
    public async Task It_shows_who_is_in_the_way_and_what_to_do_and_lets_nothing_run_or_load_that_is_not_its_own()
    {
        await using var app = await TestApp.StartAsync(_database, Impatient);
        await Eventually.BecomesTrueAsync(() => app.State.Current.Blocked);

        using var answer = await AskAsync(app, "/", Browser);
        var page = await answer.Content.ReadAsStringAsync();

        Assert.Contains($"sqlite3 (pid {_holder!.Pid})", page, StringComparison.Ordinal);
        Assert.Contains($"data-copy=\"kill {_holder.Pid}\"", page, StringComparison.Ordinal);
        Assert.Contains("<b>this migration</b> waits for", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>create customers", page, StringComparison.Ordinal);
        var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
        var nonce = Nonce().Match(policy).Groups["nonce"].Value;
        Assert.StartsWith("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal(2, Own().Matches(WebUtility.HtmlDecode(page)).Count(own => own.Groups["nonce"].Value == nonce));
        Assert.Empty(FromElsewhere().Matches(page));
        Assert.InRange(page.Length, 1000, 40_000);
        using var again = await AskAsync(app, "/", Browser);
        Assert.NotEqual(policy, Assert.Single(again.Headers.GetValues("Content-Security-Policy")));
    }

    [Fact]
    public async Task An_outsider_reads_no_names()
    {
        await using var app = await TestApp.StartAsync(_database, [.. Impatient, ("Status", "Brief")]);
        await Eventually.BecomesTrueAsync(() => app.State.Current.Blocked);

        foreach (var path in new[] { "/orders", "/migrations" })
            await AssertBriefAsync(app, path);
    }

    [Fact]
    public async Task Where_the_status_needs_authorization_the_page_in_place_of_others_has_no_names()
    {
        await using var app = await TestApp.StartAsync(
            _database,
            Impatient,
            build: builder => builder.Services.AddAuthorization().AddAuthentication("nobody").AddScheme<NobodyOptions, NobodyHandler>("nobody", null),
            map: app => app.MapMigrationStatus().RequireAuthorization());
        await Eventually.BecomesTrueAsync(() => app.State.Current.Blocked);

        await AssertBriefAsync(app, "/orders");
        using var status = await AskAsync(app, "/migrations", Browser);
        Assert.Equal(HttpStatusCode.Unauthorized, status.StatusCode);
    }

    [Fact]
    public async Task Off_shows_no_page()
    {
        await using var app = await TestApp.StartAsync(_database, [.. Impatient, ("Status", "Off")]);

        using var refused = await AskAsync(app, "/orders", Browser);
        Assert.Equal("application/problem+json", refused.Content.Headers.ContentType?.MediaType);
        using var status = await AskAsync(app, "/migrations", Browser);
        Assert.Equal(HttpStatusCode.NotFound, status.StatusCode);
    }

    [Fact]
    public async Task After_a_failure_it_says_why_and_what_to_do_and_once_ready_what_was_applied()
    {
        await _holder!.ReleaseAsync();
        var file = _database.Migration("5000_break", "SELECT * FROM nowhere;");
        await using (var failing = await TestApp.StartAsync(_database, Impatient))
        {
            await Eventually.BecomesTrueAsync(() => failing.State.Current.Phase == MigrationPhase.Failed);
            using var failed = await AskAsync(failing, "/migrations", Browser);
            var text = await failed.Content.ReadAsStringAsync();
            Assert.Contains("has failed: MigrationFailed", text, StringComparison.Ordinal);
            Assert.Contains("5000_break.sql:1", text, StringComparison.Ordinal);
            Assert.Contains("1 failed attempt<", text, StringComparison.Ordinal);
        }
        File.WriteAllText(file, "CREATE TABLE b (id INTEGER);");
        await using var app = await TestApp.StartAsync(_database, Impatient);
        await app.State.WaitUntilReadyAsync();

        using var ready = await AskAsync(app, "/migrations", Browser);
        var page = await ready.Content.ReadAsStringAsync();

        Assert.Contains("app is ready at 5000.", page, StringComparison.Ordinal);
        Assert.Contains("2 applied", page, StringComparison.Ordinal);
        using var order = await AskAsync(app, "/orders", Browser);
        Assert.Equal("orders", await order.Content.ReadAsStringAsync());
    }

    private async Task AssertBriefAsync(TestApp app, string path)
    {
        using var answer = await AskAsync(app, path, Browser);
        var page = await answer.Content.ReadAsStringAsync();

        Assert.Contains("app is blocked: another session holds", page, StringComparison.Ordinal);
        Assert.Contains("<code>migrationhost locks</code>", page, StringComparison.Ordinal);
        foreach (var name in new[] { "sqlite3", $"{_holder!.Pid}", "4711", "customers", Path.GetFileName(_database.Path), Environment.MachineName + ":" })
            Assert.DoesNotContain(name, page, StringComparison.Ordinal);
    }

    private static async Task<HttpResponseMessage> AskAsync(TestApp app, string path, string accept, HttpMethod? method = null)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, new Uri(path, UriKind.Relative));
        request.Headers.TryAddWithoutValidation("Accept", accept);
        return await app.Client.SendAsync(request);
    }

    [GeneratedRegex("script-src 'nonce-(?<nonce>[^']+)'")]
    private static partial Regex Nonce();

    [GeneratedRegex("<(style|script) nonce=\"(?<nonce>[^\"]+)\"")]
    private static partial Regex Own();

    [GeneratedRegex("(src|href|url)\\s*[=(]\\s*[\"']?(?!data:,|#)[a-z/]|@import|style=|onclick=")]
    private static partial Regex FromElsewhere();
}
