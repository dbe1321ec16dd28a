using System.Net;
using MigrationHost.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace MigrationHost.Tests.Http;

/// <summary>What is marked gets through the gate at the paths that routing gives it, and nothing else in its shadow.</summary>
public sealed class GateMarkedTests : IAsyncLifetime
{
    private readonly SqliteTestDatabase _database = new();
    private Sqlite3? _holder;

    public async Task InitializeAsync()
    {
        _database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        _holder = await Sqlite3.HoldAsync(_database.Path, "BEGIN EXCLUSIVE;");
    }

    public async Task DisposeAsync()
    {
        await _holder!.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task A_marked_endpoint_does_not_answer_for_the_path_of_another()
    {
        await using var app = await TestApp.StartAsync(_database, configure: app =>
        {
            app.MapGet("/{page}", (string page) => $"page {page}").AllowBeforeReady();
            app.MapFallback("/spa/{**rest}", () => "spa").AllowBeforeReady();
            app.MapGet("/spa/data", Fail).ShortCircuit();
            app.MapPost("/orders", Fail);
            app.MapGet("/twice", Fail);
            app.Map("/branch", branch => branch.UseRouting().UseEndpoints(endpoints => endpoints.MapGet("/twice", Fail)));
            app.MapGet("/items/{id:int}", (int id) => $"item {id}").AllowBeforeReady();
            app.MapPost("/items/{id:int}", Fail);
        });

        Assert.Equal("page any", await app.TextAsync("/any"));
        Assert.Equal("page items", await app.TextAsync("/items"));
        Assert.Equal("spa", await app.TextAsync("/spa/x/y"));
        Assert.Equal("item 5", await app.TextAsync("/items/5"));
        Assert.Equal([503, 503, 503, 503, 503], await app.StatusCodesAsync("/orders", "/spa/data", "/twice", "/branch/twice", "/items/x"));
        using var post = await app.Client.PostAsync(new Uri("/items/5", UriKind.Relative), null);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, post.StatusCode);
        Assert.Equal(200, await app.StatusCodeAsync("/migrations"));
    }

    [Fact]
    public async Task A_marked_fallback_answers_for_no_action_of_a_conventional_route()
    {
        await using var app = await TestApp.StartAsync(
            _database,
            build: builder => builder.Services.AddControllers().AddApplicationPart(typeof(GateMarkedTests).Assembly),
            configure: app =>
            {
                app.MapControllerRoute("default", "{controller=Convention}/{action=Index}/{id?}");
                app.MapFallback("/{one}/{two}", () => "page").AllowBeforeReady();
            });

        Assert.Equal([503, 503], await app.StatusCodesAsync("/Convention/Index", "/ConventionOrders/List"));
        Assert.Equal("page", await app.TextAsync("/any/other"));
    }

    [Fact]
    public async Task A_marked_endpoint_runs_without_the_middleware_of_the_application()
    {
        await using var app = await TestApp.StartAsync(_database, configure: app =>
        {
            app.Use((HttpContext _, RequestDelegate _) => throw new InvalidOperationException("it would use the database"));
            app.MapPost("/hooks/{name}", (string name) => name).AllowBeforeReady();
        });

        using var answer = await app.Client.PostAsync(new Uri("/hooks/push", UriKind.Relative), null);
        Assert.Equal("push", await answer.Content.ReadAsStringAsync());
        Assert.Equal("about", await app.TextAsync("/about"));
    }

    [Fact]
    public async Task Hosts_authorization_and_cors_of_an_endpoint_are_honoured_before_ready_as_after()
    {
        await using var app = await TestApp.StartAsync(
            _database,
            configure: app =>
            {
                app.UseCors();
                app.MapGet("/cors", () => "cors").RequireCors(policy => policy.WithOrigins("https://page.example")).AllowBeforeReady();
                app.MapGet("/guarded", Fail).RequireAuthorization().AllowBeforeReady();
            },
            build: builder =>
            {
                builder.Services.AddAuthentication().AddBearerToken();
                builder.Services.AddAuthorization();
                builder.Services.AddCors();
            },
            map: app =>
            {
                app.MapMigrationHealth().RequireHost("probe.internal");
                app.MapMigrationStatus().RequireAuthorization();
            });
        await LookAsync(elsewhere: "urn:migrationhost:not-ready");

        await _holder!.ReleaseAsync();
        await app.State.WaitUntilReadyAsync();
        await LookAsync(elsewhere: "fallback");

        async Task LookAsync(string elsewhere)
        {
            Assert.Equal([401, 401, 401], await app.StatusCodesAsync("/migrations", "/migrations/app/locks", "/guarded"));
            using var probe = await SendAsync("/health/live", request => request.Headers.Host = "probe.internal");
            Assert.Equal(HttpStatusCode.OK, probe.StatusCode);
            using var other = await SendAsync("/health/live", _ => { });
            Assert.Contains(elsewhere, await other.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            using var cors = await SendAsync("/cors", request => request.Headers.Add("Origin", "https://page.example"));
            Assert.Equal(["https://page.example"], cors.Headers.GetValues("Access-Control-Allow-Origin"));
        }

        async Task<HttpResponseMessage> SendAsync(string path, Action<HttpRequestMessage> change)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            change(request);
            return await app.Client.SendAsync(request);
        }
    }

    [Fact]
    public async Task Health_and_status_answer_where_a_group_has_put_them()
    {
        await using var app = await TestApp.StartAsync(_database, map: app =>
        {
            app.MapGroup("/internal/{tenant:int}").MapMigrationHealth();
            app.MapGroup("/internal").MapMigrationStatus();
        });

        string[] ours = ["/internal/7/health/live", "/internal/migrations", "/internal/migrations/app/locks"];
        Assert.Equal([200, 200, 200], await app.StatusCodesAsync(ours));
        Assert.Equal([503, 503, 503], await app.StatusCodesAsync("/internal/x/health/live", "/health/live", "/migrations"));
    }

    [Fact]
    public async Task Every_path_base_of_the_pipeline_is_honoured_however_it_is_built_and_that_of_a_branch_is_not()
    {
        await using var app = await TestApp.StartAsync(_database, configure: app =>
        {
            app.UseExceptionHandler(errors => errors.Run(_ => Task.CompletedTask));
            app.Use((HttpContext context, RequestDelegate next) => next(context));
            app.Use(async (HttpContext _, Func<Task> next) => await next());
            app.Use(next => async context => await next(context));
            app.UseMiddleware<WithService>();
            app.UseMiddleware<FromFactory>();
            app.UseWhen(_ => false, branch => branch.Use((HttpContext context, RequestDelegate next) => next(context)));
            app.Map("/api", branch => branch.UsePathBase("/v1").Run(FailAsync));
            app.UsePathBase("/shop/");
            app.UseStatusCodePages();
            app.UsePathBase("/eu");
        }, build: builder => builder.Services.AddSingleton<FromFactory>());

        string[] ours =
        [
            "/health/live", "/shop/health/live", "/SHOP/health/live", "/shop/eu/health/live", "/eu/migrations",
            "/shop/migrations", "/shop/migrations/app/locks", "/shop/about",
        ];
        Assert.All(await app.StatusCodesAsync(ours), code => Assert.Equal(200, code));
        string[] others =
        [
            "/v1/health/live", "/api/health/live", "/api/v1/health/live", "/eu/shop/health/live", "/shop/shop/health/live",
            "/shopping/health/live", "/shop/orders", "/shop",
        ];
        Assert.All(await app.StatusCodesAsync(others), code => Assert.Equal(503, code));
    }

    private static string Fail() => throw new InvalidOperationException("it ran before the databases were ready");

    private static Task FailAsync(HttpContext context) => throw new InvalidOperationException("it ran before the databases were ready");

    private sealed class WithService(RequestDelegate next)
    {
        public Task InvokeAsync(HttpContext context, IMigrationState state) => state.Current.Ready ? next(context) : FailAsync(context);
    }

    private sealed class FromFactory : IMiddleware
    {
        public Task InvokeAsync(HttpContext context, RequestDelegate next) => next(context);
    }
}
