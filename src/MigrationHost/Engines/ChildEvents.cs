using System.Text.Json;
using System.Text.Json.Nodes;
using MigrationHost.Http;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Engines;

/// <summary>Turns what a migrating child process tells into the state of this one, and ends it where it tells nothing any more.</summary>
/// <remarks>The child has a watchdog of its own and keeps all limits itself; what it cannot do is to end a process that does not run at all.</remarks>
internal sealed class ChildEvents(Watch watch, bool showStatements, TimeProvider time, ILogger logger) : IWatchedWork
{
    // It tells something four times a second. A machine that slept, or is very busy, may be late.
    private static readonly TimeSpan DeadAfter = TimeSpan.FromSeconds(30);

    private readonly TimeSpan _deadAfter = watch.Timeouts.Migration < DeadAfter ? watch.Timeouts.Migration : DeadAfter;
    private long _heardAt = time.GetTimestamp();
    private volatile DatabaseStatus? _latest;

    /// <summary>What it told last; null where it never came to that.</summary>
    public DatabaseStatus? Summary { get; private set; }

    public TimeSpan ToLetGo => watch.Timeouts.Grace + TimeSpan.FromSeconds(5);

    public RunningMigration? Running => _latest?.Running;

    public WaitStatus? WaitingFor => Silence() is var silence && silence > watch.Timeouts.StallAfter
        ? new WaitStatus
        {
            What = "a sign of life of the child process that migrates",
            ElapsedMs = (long)silence.TotalMilliseconds,
            LimitMs = (long)_deadAfter.TotalMilliseconds,
            Activity = "none: it is stopped, or hangs as a whole",
        }
        : _latest?.WaitingFor;

    public MigrationError? Look()
    {
        if (Silence() < _deadAfter)
            return null;
        var status = watch.State.Read();
        return new MigrationError
        {
            Code = MigrationErrorCode.DeadlineExceeded,
            Message = $"the child process that migrates gave no sign of life for {Duration.Say(_deadAfter)}{(status.Running is { } running ? $", in statement {running.Statement} of migration {running.Version}" : "")}, and was ended",
            Version = status.Running?.Version,
            Applied = RunErrors.Applied(status),
            Hint = "It was stopped by a signal, or hangs in native code or on a device: see the system's log. What ran in a transaction was rolled back; the next start continues.",
        };
    }

    /// <summary>Takes in one line of its standard output.</summary>
    public void Hear(string line)
    {
        Interlocked.Exchange(ref _heardAt, time.GetTimestamp());
        if (Parse(line) is not { } told)
            return;
        switch ((string?)told["event"])
        {
            case "applied":
                Applied(told["migration"].Deserialize(StatusJson.Default.AppliedMigration)!);
                break;
            case "status":
                Mirror(Database(told), whole: true);
                break;
            case "progress":
                Mirror(Database(told), whole: false);
                break;
            case "summary":
                Summary = Database(told);
                Mirror(Summary with { Phase = watch.State.Phase, Blocked = false }, whole: true);
                break;
        }
    }

    private void Applied(AppliedMigration migration)
    {
        watch.Advance();
        watch.State.MirrorApplied(migration);
        Log.Applied(logger, watch.State.Name, migration.Version, migration.Description, "in a child process", Duration.Say(migration.DurationMs ?? 0));
    }

    private void Mirror(DatabaseStatus status, bool whole)
    {
        status = status with { Blockers = [.. status.Blockers.Select(Seen)] };
        if (status.Running != _latest?.Running)
            watch.Advance();
        _latest = status;

        // How it ended is for the run to say.
        if (status.Phase is > MigrationPhase.Stopped and < MigrationPhase.Ready)
            watch.State.Mirror(status, whole);
    }

    // To the child this process is another one.
    private Blocker Seen(Blocker blocker) => blocker with
    {
        ThisProcess = watch.State.Read().Provider == DatabaseProvider.Sqlite && blocker.Pid == Environment.ProcessId,
        Statement = showStatements ? blocker.Statement : null,
    };

    private TimeSpan Silence() => time.GetElapsedTime(Interlocked.Read(ref _heardAt));

    private static DatabaseStatus Database(JsonObject told) => told["status"].Deserialize(StatusJson.Default.MigrationStatus)!.Databases[0];

    private static JsonObject? Parse(string line)
    {
        try
        {
            return JsonNode.Parse(line) as JsonObject;
        }
        catch (JsonException)
        {
            // Not one of ours, so it means nothing to us.
            return null;
        }
    }
}
