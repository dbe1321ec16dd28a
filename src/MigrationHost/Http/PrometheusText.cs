using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace MigrationHost.Http;

/// <summary>The text form that Prometheus scrapes, with the names that OpenTelemetry gives its instruments there.</summary>
/// <remarks>
/// <see href="https://prometheus.io/docs/instrumenting/exposition_formats/"/>,
/// <see href="https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/"/>
/// </remarks>
internal static class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <param name="instruments">Each with the values that were observed, or with what was recorded in it.</param>
    public static string Write(
        IEnumerable<(Instrument Instrument, IEnumerable<(string Labels, double Value)> Values,
            IEnumerable<(string Labels, PrometheusHistogram Recorded)> Histograms)> instruments)
    {
        var text = new StringBuilder();
        foreach (var (instrument, values, histograms) in instruments)
        {
            var (name, type) = (NameOf(instrument), TypeOf(instrument));
            text.Append("# HELP ").Append(name).Append(' ').Append(Escape(instrument.Description ?? "")).Append('\n');
            text.Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
            foreach (var (labels, value) in values)
                WriteSample(text, name, labels, value);
            foreach (var (labels, recorded) in histograms)
                WriteHistogram(text, name, labels, recorded);
        }
        return text.ToString();
    }

    /// <summary>Tags as labels, without the braces.</summary>
    public static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        List<string> labels = [];
        foreach (var (name, value) in tags)
            labels.Add($"{Plain(name)}=\"{Escape(value?.ToString() ?? "").Replace("\"", "\\\"", StringComparison.Ordinal)}\"");
        return string.Join(',', labels);
    }

    /// <summary><c>migrationhost.wait.duration</c> in seconds is <c>migrationhost_wait_duration_seconds</c>.</summary>
    private static string NameOf(Instrument instrument) =>
        Plain(instrument.Name) + (instrument.Unit == "s" ? "_seconds" : "") + (IsCounter(instrument) ? "_total" : "");

    private static string TypeOf(Instrument instrument) =>
        instrument is Histogram<double> ? "histogram" : IsCounter(instrument) ? "counter" : "gauge";

    private static bool IsCounter(Instrument instrument) => instrument is ObservableCounter<int>;

    private static void WriteHistogram(StringBuilder text, string name, string labels, PrometheusHistogram recorded)
    {
        foreach (var (bound, count) in recorded.Buckets)
            WriteSample(text, $"{name}_bucket", $"{labels},le=\"{Number(bound)}\"", count);
        WriteSample(text, $"{name}_sum", labels, recorded.Sum);
        WriteSample(text, $"{name}_count", labels, recorded.Count);
    }

    private static void WriteSample(StringBuilder text, string name, string labels, double value) =>
        text.Append(name).Append('{').Append(labels).Append("} ").Append(Number(value)).Append('\n');

    private static string Number(double value) =>
        double.IsPositiveInfinity(value) ? "+Inf" : value.ToString("R", CultureInfo.InvariantCulture);

    private static string Plain(string name) => name.Replace('.', '_');

    private static string Escape(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
