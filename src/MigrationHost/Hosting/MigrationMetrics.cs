using System.Diagnostics.Metrics;
using MigrationHost.Http;
using MigrationHost.Running;

namespace MigrationHost.Hosting;

/// <summary>
/// What an operator alerts on, as gauges and counters of the meter <c>MigrationHost</c>: for OpenTelemetry
/// (<c>AddMeter("MigrationHost")</c>), dotnet-counters and dotnet-monitor.
/// </summary>
/// <remarks>
/// They are read from the state when they are collected: nothing is counted that nobody asks for, and no collector reads a database.
/// </remarks>
internal sealed class MigrationMetrics(IMeterFactory meters, PrometheusMetrics prometheus, MigrationRuns runs)
{
    /// <summary>In seconds: most migrations take less than one, and those that matter take minutes.</summary>
    private static readonly double[] DurationBounds = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3600];

    private IEnumerable<DatabaseStatus> Statuses => runs.All.Select(run => run.State.Read());

    /// <summary>Lets collectors see the gauges from now on.</summary>
    public void Publish()
    {
        prometheus.Start();
        var meter = meters.Create(PrometheusMetrics.MeterName, Instance.Version);
        meter.CreateObservableGauge(
            "migrationhost.ready",
            () => All(status => status.Phase == MigrationPhase.Ready ? 1 : 0),
            null,
            "1 once the database is at its target and verified, else 0");
        meter.CreateObservableGauge(
            "migrationhost.blocked",
            () => All(status => status.Blocked ? 1 : 0),
            null,
            "1 while another session holds what the migration waits for, else 0");
        meter.CreateObservableGauge(
            "migrationhost.failed",
            Failed,
            null,
            "1 after an attempt that failed, until the next begins; error.type is its error code");
        meter.CreateObservableGauge(
            "migrationhost.pending",
            () => All(status => status.PendingCount),
            "{migration}",
            "Migrations that are not applied yet");
        meter.CreateObservableGauge(
            "migrationhost.wait.duration",
            () => All(status => (status.WaitingFor?.ElapsedMs ?? 0) / 1000.0),
            "s",
            "For how long the migration has been waiting, or working on one statement; 0 while it moves");
        PublishCounts(meter);
    }

    // What is told by a listener may wait for it: the run only counts, and durations are told from a thread of the pool.
    private void PublishCounts(Meter meter)
    {
        var duration = meter.CreateHistogram<double>(
            "migrationhost.migration.duration",
            "s",
            "How long the statements of a migration took that this instance applied",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = DurationBounds });
        var all = runs.All.ToDictionary(run => run.State.Name, run => new MigrationCounts(run.State.Read));
        foreach (var run in runs.All)
        {
            var counts = all[run.State.Name];
            var tag = Database(run.State.Read());
            var told = new Announcement(() =>
            {
                while (counts.Durations.TryDequeue(out var took))
                    duration.Record(took.TotalSeconds, tag);
            });
            run.State.Changed += () =>
            {
                counts.Count();
                if (!counts.Durations.IsEmpty)
                    told.Make();
            };
        }
        Counter("migrationhost.migrations.applied", counts => counts.Applied, "{migration}", "Migrations that this instance has applied");
        Counter("migrationhost.attempts", counts => counts.Attempts, "{attempt}", "Attempts to reach the target");
        Counter("migrationhost.attempts.failed", counts => counts.Failed, "{attempt}", "Attempts that failed");
        Counter("migrationhost.blockages", counts => counts.Blocked, "{blockage}", "How often another session was found in the way");

        void Counter(string name, Func<MigrationCounts, int> count, string unit, string description) => meter.CreateObservableCounter(
            name, () => Statuses.Select(status => new Measurement<int>(count(all[status.Name]), Database(status))), unit, description);
    }

    private IEnumerable<Measurement<T>> All<T>(Func<DatabaseStatus, T> value) where T : struct =>
        Statuses.Select(status => new Measurement<T>(value(status), Database(status)));

    private IEnumerable<Measurement<int>> Failed() =>
        Statuses.Select(status => status.Error is { } error
            ? new Measurement<int>(1, Database(status), KeyValuePair.Create("error.type", (object?)error.Code.ToString()))
            : new Measurement<int>(0, Database(status)));

    private static KeyValuePair<string, object?> Database(DatabaseStatus status) =>
        KeyValuePair.Create("migrationhost.database", (object?)status.Name);
}
