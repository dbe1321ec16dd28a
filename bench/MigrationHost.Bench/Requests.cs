using System.Diagnostics;
using System.Globalization;
using MigrationHost.Running;

namespace MigrationHost.Bench;

/// <summary>What the gate costs, closed and open, and a health answer once all is ready. There is no server around it.</summary>
internal static class Requests
{
    private const int Count = 2_000_000;

    public static void Print()
    {
        using var folder = new Folder(1);
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = folder.Path });
        builder.Logging.ClearProviders();
        builder.Configuration["MigrationHost:Databases:app:ConnectionString"] = "Data Source=app.db";
        builder.Services.AddMigrationHost(builder.Configuration);
        using var app = builder.Build();
        app.MapMigrationHealth();
        PrintRefusals(app.Services);
        foreach (var run in app.Services.GetRequiredService<MigrationRuns>().All)
            run.MigrateAsync(null, null, CancellationToken.None).GetAwaiter().GetResult();
        app.Services.GetRequiredService<Running.Watchdog>().Start();

        RequestDelegate end = _ => Task.CompletedTask;
        var gated = new ApplicationBuilder(app.Services).UseMigrationGate().Use(_ => end).Build();
        var plain = new ApplicationBuilder(app.Services).Use(_ => end).Build();
        List<double> with = [], without = [];
        for (var round = 0; round < 7; round++)
        {
            with.Add(NanosecondsPerCall(gated, app.Services));
            without.Add(NanosecondsPerCall(plain, app.Services));
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"A request through the open gate: {with.Order().ElementAt(3):0.0} ns; without a gate: {without.Order().ElementAt(3):0.0} ns"));

        var ready = ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>().Single(endpoint => endpoint.RoutePattern.RawText == "/health/ready").RequestDelegate!;
        Console.WriteLine($"A health answer allocates {BytesPerCall(ready, app.Services)} bytes once ready, its four response headers included");
    }

    private static void PrintRefusals(IServiceProvider services)
    {
        var closed = new ApplicationBuilder(services).UseMigrationGate().UseRouting().UseEndpoints(endpoints =>
        {
            endpoints.MapMigrationHealth();
            endpoints.MapMigrationStatus();
        }).Build();
        var ordinary = MicrosecondsPerRefusal(closed, services, "/orders");
        var slashes = MicrosecondsPerRefusal(closed, services, new string('/', 8000));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"A refusal of the closed gate: {ordinary:0.0} µs for /orders, {slashes:0.0} µs for 8,000 slashes"));
    }

    private static double MicrosecondsPerRefusal(RequestDelegate closed, IServiceProvider services, string path)
    {
        const int calls = 100;
        var context = new DefaultHttpContext { RequestServices = services };
        context.Request.Method = "GET";
        context.Request.Path = path;
        List<double> rounds = [];
        for (var round = 0; round < 21; round++)
        {
            var clock = Stopwatch.StartNew();
            for (var i = 0; i < calls; i++)
                closed(context).GetAwaiter().GetResult();
            rounds.Add(clock.Elapsed.TotalMicroseconds / calls);
        }
        return rounds.Order().ElementAt(rounds.Count / 2);
    }

    private static double NanosecondsPerCall(RequestDelegate request, IServiceProvider services)
    {
        var context = new DefaultHttpContext { RequestServices = services };
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < Count; i++)
            _ = request(context);
        return clock.Elapsed.TotalNanoseconds / Count;
    }

    private static long BytesPerCall(RequestDelegate request, IServiceProvider services)
    {
        const int calls = 10_000;
        var context = new DefaultHttpContext { RequestServices = services };
        context.Request.Method = "GET";
        for (var i = 0; i < calls; i++)
            request(context).GetAwaiter().GetResult();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < calls; i++)
            request(context).GetAwaiter().GetResult();
        return (GC.GetAllocatedBytesForCurrentThread() - before) / calls;
    }
}
