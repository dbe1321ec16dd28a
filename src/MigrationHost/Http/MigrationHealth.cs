using MigrationHost.Running;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MigrationHost.Http;

/// <summary>Judges health from the state alone; no judgement ever reads a database.</summary>
internal sealed class MigrationHealth(MigrationRuns runs, Watchdog watchdog, ShownDetail shown)
{
    /// <summary>Healthy once every database is ready and verified.</summary>
    /// <param name="named">Whether names may be shown, if they are anywhere.</param>
    public HealthAnswer Ready(bool named) =>
        Answer(named, status => status.Phase == MigrationPhase.Ready ? HealthStatus.Healthy : HealthStatus.Unhealthy);

    /// <summary>
    /// Unhealthy only if a restart is the cure; degraded if a database is blocked or has failed, which a restart would not cure.
    /// </summary>
    /// <inheritdoc cref="Ready"/>
    public HealthAnswer Live(bool named)
    {
        var alive = watchdog.IsAlive;
        return Answer(named, status => status switch
        {
            _ when !alive => HealthStatus.Unhealthy,
            { Phase: MigrationPhase.Abandoned } => HealthStatus.Unhealthy,
            { Blocked: true } or { Phase: MigrationPhase.Failed } => HealthStatus.Degraded,
            _ => HealthStatus.Healthy,
        });
    }

    /// <summary>Healthy once the watchdog is in charge; it never waits for migrations.</summary>
    /// <inheritdoc cref="Ready"/>
    public HealthAnswer Startup(bool named)
    {
        var alive = watchdog.IsAlive;
        return Answer(named, _ => alive ? HealthStatus.Healthy : HealthStatus.Unhealthy);
    }

    private HealthAnswer Answer(bool named, Func<DatabaseStatus, HealthStatus> judge)
    {
        var entries = runs.State.Current.Databases.ToDictionary(
            status => status.Name,
            status => new HealthEntry(judge(status), shown.Sentence(status, named)));
        return new HealthAnswer(entries.Values.Min(entry => entry.Status), entries);
    }
}
