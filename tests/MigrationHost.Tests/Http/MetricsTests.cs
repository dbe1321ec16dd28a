using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using MigrationHost.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace MigrationHost.Tests.Http;

public sealed class MetricsTests
{
    [Fact]
    public async Task A_collector_sees_who_is_blocked_what_failed_and_what_is_ready()
    {
        await using var database = new SqliteTestDatabase();
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        database.Migration("2_fill", "INSERT INTO a VALUES (1);");
        await using var holder = await Sqlite3.HoldAsync(database.Path, "BEGIN IMMEDIATE;");
        await using var app = await TestApp.StartAsync(database, [("Timeouts:StallAfter", "00:00:00.100"), ("Timeouts:Lock", "00:00:02"), ("RetryInterval", "00:00:01")]);
        using var collector = new Collector(app.Services);
        await Eventually.BecomesTrueAsync(() => collector.Read()["migrationhost.blocked"] == 1, () => collector.ToString());

        Assert.Equal(("app", 0.0, 2.0), (collector.Database, collector.Read()["migrationhost.ready"], collector.Read()["migrationhost.pending"]));
        await Eventually.BecomesTrueAsync(() => collector.Read()["migrationhost.wait.duration"] > 0.1, () => collector.ToString());
        await Eventually.BecomesTrueAsync(() => collector.Read().GetValueOrDefault("migrationhost.failed Blocked") == 1, () => collector.ToString());

        await holder.ReleaseAsync();
        await app.State.WaitUntilReadyAsync();
        var ready = collector.Read();
        Assert.Equal((1.0, 0.0, 0.0), (ready["migrationhost.ready"], ready["migrationhost.blocked"], ready["migrationhost.pending"]));
        Assert.Equal((0.0, 0.0), (ready["migrationhost.failed"], ready["migrationhost.wait.duration"]));
        Assert.Equal((2.0, 0.0), (ready["migrationhost.migrations.applied"], ready["migrationhost.attempts"] - ready["migrationhost.attempts.failed"] - 1));
        Assert.InRange(ready["migrationhost.attempts.failed"], 1, double.MaxValue);
        Assert.InRange(ready["migrationhost.blockages"], 1, double.MaxValue);
        await Eventually.BecomesTrueAsync(() => collector.Recorded("migrationhost.migration.duration") == 2);
    }

    /// <summary>Collects as OpenTelemetry and dotnet-counters do, from the meters of one application.</summary>
    private sealed class Collector : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly ConcurrentDictionary<string, double> _values = [];
        private readonly ConcurrentDictionary<string, int> _recorded = [];

        public Collector(IServiceProvider services)
        {
            var factory = services.GetRequiredService<IMeterFactory>();
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == "MigrationHost" && instrument.Meter.Scope == factory)
                    listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Keep(instrument, value, tags));
            _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Keep(instrument, value, tags));
            _listener.Start();
        }

        public string? Database { get; private set; }

        /// <summary>How often a value was recorded.</summary>
        public int Recorded(string histogram) => _recorded.GetValueOrDefault(histogram);

        public Dictionary<string, double> Read()
        {
            _values.Clear();
            _listener.RecordObservableInstruments();
            return new Dictionary<string, double>(_values);
        }

        public override string ToString() => string.Join(", ", Read());

        public void Dispose() => _listener.Dispose();

        private void Keep(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            Database = (string?)tags[0].Value;
            if (instrument is Histogram<double>)
                _recorded.AddOrUpdate(instrument.Name, 1, (_, count) => count + 1);
            _values[tags.Length > 1 ? $"{instrument.Name} {tags[1].Value}" : instrument.Name] = value;
        }
    }
}
