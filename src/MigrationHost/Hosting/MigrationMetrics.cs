using System.Diagnostics.Metrics;
using MigrationHost.Running;

namespace MigrationHost.Hosting;

/// <summary>What an operator alerts on, as gauges of the meter <c>MigrationHost</c>: for OpenTelemetry (<c>AddMeter("MigrationHost")</c>), dotnet-counters and dotnet-monitor.</summary>
/// <remarks>They are read from the state when somebody collects: nothing is counted that nobody asks for, and no collector reads a database.</remarks>
internal sealed class MigrationMetrics(IMeterFactory meters, MigrationRuns runs)
{
    private const string MeterName = "MigrationHost";

    private IEnumerable<DatabaseStatus> Statuses => runs.All.Select(run => run.State.Read());

    /// <summary>Lets collectors see the gauges from now on.</summary>
    public void Publish()
    {
        var meter = meters.Create(MeterName, Instance.Version);
        meter.CreateObservableGauge("migrationhost.ready", () => All(status => status.Phase == MigrationPhase.Ready ? 1 : 0), null, "1 once the database is at its target and verified, else 0");
        meter.CreateObservableGauge("migrationhost.blocked", () => All(status => status.Blocked ? 1 : 0), null, "1 while somebody else holds what the migration waits for, else 0");
        meter.CreateObservableGauge("migrationhost.failed", Failed, null, "1 after an attempt that failed, until the next begins; error.type is its error code");
        meter.CreateObservableGauge("migrationhost.pending", () => All(status => status.PendingCount), "{migration}", "Migrations that are not applied yet");
        meter.CreateObservableGauge("migrationhost.wait.duration", () => All(status => (status.WaitingFor?.ElapsedMs ?? 0) / 1000.0), "s", "For how long the migration has been waiting, or working on one statement; 0 while it moves");
    }

    private IEnumerable<Measurement<T>> All<T>(Func<DatabaseStatus, T> value) where T : struct =>
        Statuses.Select(status => new Measurement<T>(value(status), Database(status)));

    private IEnumerable<Measurement<int>> Failed() =>
        Statuses.Select(status => status.Error is { } error
            ? new Measurement<int>(1, Database(status), KeyValuePair.Create("error.type", (object?)error.Code.ToString()))
            : new Measurement<int>(0, Database(status)));

    private static KeyValuePair<string, object?> Database(DatabaseStatus status) => KeyValuePair.Create("migrationhost.database", (object?)status.Name);
}
