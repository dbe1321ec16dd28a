using MigrationHost.Http;
using MigrationHost.Masking;
using MigrationHost.Running;
using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace MigrationHost.Api;

/// <summary>
/// Sends traces and metrics to a collector, if the environment names one. Everything else is for OpenTelemetry's own variables to say.
/// </summary>
/// <remarks><see href="https://opentelemetry.io/docs/specs/otel/protocol/exporter/"/></remarks>
internal static class Telemetry
{
    private const string Npgsql = "Npgsql";

    private static readonly string[] Endpoints =
    [
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
    ];

    /// <summary>Whether a collector is named. Without one nothing of OpenTelemetry is loaded.</summary>
    public static bool IsAsked(IConfiguration configuration) => Endpoints.Any(key => !string.IsNullOrWhiteSpace(configuration[key]));

    /// <summary>What is wrong with its address: OpenTelemetry would take another one without a word.</summary>
    public static IEnumerable<string> Problems(IConfiguration configuration) =>
        from key in Endpoints
        let address = configuration[key]
        where !string.IsNullOrWhiteSpace(address)
            && !(Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https")
        select $"{key}: is not an address; write for example http://localhost:4317";

    /// <summary>Why it does not begin: OpenTelemetry names no variable, so all that are set are named, without their values.</summary>
    public static string Refusal(IConfiguration configuration)
    {
        var names = configuration.GetChildren().Select(setting => setting.Key)
            .Where(name => name.StartsWith("OTEL_", StringComparison.OrdinalIgnoreCase));
        return "OTEL_…: a variable of OpenTelemetry has a value that it cannot use, or names a file that is not there; "
            + $"set are {string.Join(", ", names)}";
    }

    public static void AddTo(IServiceCollection services) => services.AddOpenTelemetry()
        .ConfigureResource(resource => resource
            .AddService("migrationhost", serviceVersion: Instance.Version)
            .AddEnvironmentVariableDetector())
        .WithTracing(traces => traces
            .AddSource(RunTrace.SourceName, Npgsql)
            .AddProcessor(provider => new SpanPrivacy(
                Npgsql,
                provider.GetRequiredService<Secrets>(),
                provider.GetRequiredService<IOptions<MigrationHostOptions>>().Value))
            .AddOtlpExporter())
        .WithMetrics(metrics => metrics.AddMeter(PrometheusMetrics.MeterName).AddOtlpExporter());

    /// <summary>Begins before the host starts: in <c>Startup: Block</c> the migrations do, too.</summary>
    public static void Begin(IServiceProvider services)
    {
        services.GetService<MeterProvider>();
        services.GetService<TracerProvider>();
    }
}
