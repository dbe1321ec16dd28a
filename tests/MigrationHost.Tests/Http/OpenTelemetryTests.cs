using MigrationHost.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Span = System.Diagnostics.Activity;

namespace MigrationHost.Tests.Http;

/// <summary>An application with OpenTelemetry in it adds the meter and the source, as the docs say.</summary>
public sealed class OpenTelemetryTests
{
    [Theory]
    [InlineData("Gate")]
    [InlineData("Block")]
    public async Task Its_exporters_get_the_start_and_every_metric(string startup)
    {
        await using var database = new SqliteTestDatabase();
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        using var test = new Span("test").Start();
        test.ActivityTraceFlags |= System.Diagnostics.ActivityTraceFlags.Recorded;
        List<Span> spans = [];
        List<Metric> metrics = [];
        await using var app = TestApp.Create(database, [("Startup", startup)], build: builder => builder.Services.AddOpenTelemetry()
            .WithTracing(tracing => tracing.AddSource("MigrationHost").AddInMemoryExporter(spans))
            .WithMetrics(meters => meters.AddMeter("MigrationHost").AddInMemoryExporter(metrics)));
        var (traced, measured) = (app.Services.GetRequiredService<TracerProvider>(), app.Services.GetRequiredService<MeterProvider>());

        await app.StartAsync();
        await app.State.WaitUntilReadyAsync();
        await app.StopAsync();

        Assert.True(traced.ForceFlush() & measured.ForceFlush());
        string[] names = [.. spans.ToList().Where(span => span.TraceId == test.TraceId).Select(span => span.OperationName)];
        Assert.Equal(["migrate app", "migration 1", "verify"], names.Order().Distinct());
        Assert.Equal(10, metrics.Select(metric => metric.Name).Distinct().Count(name => name.StartsWith("migrationhost.", StringComparison.Ordinal)));
        var duration = metrics.Last(metric => metric.Name == "migrationhost.migration.duration");
        Assert.Equal(("s", MetricType.Histogram), (duration.Unit, duration.MetricType));
    }
}
