using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;

namespace MigrationHost.Http;

/// <summary>
/// Collects what the meter <c>MigrationHost</c> of this host measures, for whoever asks at <c>/metrics</c>. It reads no database.
/// </summary>
internal sealed class PrometheusMetrics : IDisposable
{
    public const string MeterName = "MigrationHost";

    private readonly IMeterFactory _meters;
    private readonly MetricsExposure _exposure;
    private readonly bool _isAsked;
    private readonly MeterListener _listener = new();
    private readonly Lock _reading = new();
    private readonly List<Instrument> _instruments = [];
    private readonly Dictionary<(Instrument Instrument, string Labels), double> _read = [];
    private readonly Dictionary<(Instrument Instrument, string Labels), PrometheusHistogram> _histograms = [];

    public PrometheusMetrics(IMeterFactory meters, IOptions<MigrationHostOptions> options)
    {
        (_meters, _exposure) = (meters, options.Value.Metrics);
        _isAsked = IsOnTraffic || (IsOnManagement && options.Value.ManagementUrl is not null);
        _listener.InstrumentPublished = Take;
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Keep(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Keep(instrument, value, tags));
    }

    /// <summary>Whether the addresses for traffic have it.</summary>
    public bool IsOnTraffic => _exposure == MetricsExposure.On;

    /// <summary>Whether the management address has it.</summary>
    public bool IsOnManagement => _exposure != MetricsExposure.Off;

    /// <summary>Listens from now on, if anybody can ask: a histogram has only what was recorded since.</summary>
    public void Start()
    {
        if (_isAsked)
            _listener.Start();
    }

    /// <summary>All instruments with their present values.</summary>
    public string Read()
    {
        lock (_reading)
        {
            _read.Clear();
            _listener.RecordObservableInstruments();
            return PrometheusText.Write(_instruments.Select(instrument => (instrument, ValuesOf(instrument), HistogramsOf(instrument))));
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Take(Instrument instrument, MeterListener listener)
    {
        if (instrument.Meter.Name != MeterName || instrument.Meter.Scope != _meters)
            return;
        lock (_reading)
            _instruments.Add(instrument);
        listener.EnableMeasurementEvents(instrument);
    }

    // Observed while we read, or recorded by the run at any time.
    private void Keep(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var key = (instrument, PrometheusText.Labels(tags));
        lock (_reading)
        {
            if (instrument is not Histogram<double> histogram)
            {
                _read[key] = value;
                return;
            }
            if (!_histograms.TryGetValue(key, out var recorded))
                _histograms[key] = recorded = new PrometheusHistogram(histogram.Advice!.HistogramBucketBoundaries!);
            recorded.Record(value);
        }
    }

    private IEnumerable<(string Labels, double Value)> ValuesOf(Instrument instrument) =>
        _read.Where(one => one.Key.Instrument == instrument).Select(one => (one.Key.Labels, one.Value));

    private IEnumerable<(string Labels, PrometheusHistogram Recorded)> HistogramsOf(Instrument instrument) =>
        _histograms.Where(one => one.Key.Instrument == instrument).Select(one => (one.Key.Labels, one.Value));
}
