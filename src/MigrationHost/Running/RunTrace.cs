using System.Diagnostics;
using Span = System.Diagnostics.Activity;

namespace MigrationHost.Running;

/// <summary>
/// What a start of one database leaves in a trace: one span for the start, below it one for each wait, each migration and the verification.
/// </summary>
/// <remarks>
/// Names are those of OpenTelemetry's conventions for databases where they cover it, else <c>migrationhost.*</c>.
/// <see href="https://opentelemetry.io/docs/specs/semconv/db/database-spans/"/>
/// </remarks>
internal sealed class RunTrace : IDisposable
{
    /// <summary>The source to listen to.</summary>
    public const string SourceName = "MigrationHost";

    /// <summary>What more migrations there are is told as events of the start.</summary>
    private const int MostMigrations = 100;

    private static readonly ActivitySource Source = new(SourceName, Instance.Version);

    private readonly Span? _start;
    private Span? _migration;
    private Span? _wait;
    private Budget? _waitsFor;
    private int _migrations;
    private int _rounds;

    private RunTrace(DatabaseStatus status)
    {
        _start = Source.StartActivity($"migrate {status.Name}");
        _start?.SetTag("db.system.name", SystemOf(status.Provider));
        _start?.SetTag("db.namespace", status.Target.Split('/')[^1]);
        _start?.SetTag("migrationhost.database", status.Name);
    }

    public static RunTrace Begin(DatabaseStatus status) => new(status);

    /// <summary>A part of the start, until it is disposed. Spans of the database's driver are below it.</summary>
    public Span? Part(string name) => _start is null ? null : Source.StartActivity(name);

    /// <summary>A migration, until it is disposed.</summary>
    public IDisposable? Migration(string version, string description)
    {
        if (_start is null)
            return null;
        if (++_migrations > MostMigrations)
        {
            _start.AddEvent(new ActivityEvent("migration", tags: new() { ["migrationhost.version"] = version }));
            return null;
        }
        _migration = Source.StartActivity($"migration {version}");
        _migration?.SetTag("migrationhost.version", version);
        _migration?.SetTag("migrationhost.description", description);
        return _migration;
    }

    /// <summary>The run does something else. The rounds of one wait are one span, with the attempts in between as events.</summary>
    public void Turned(Activity to, MigrationPhase phase)
    {
        if (_start is null || !to.Waits)
            return;
        if (_waitsFor == to.Budget)
        {
            _wait?.AddEvent(new ActivityEvent("attempt", tags: new() { ["migrationhost.attempt"] = ++_rounds }));
            return;
        }
        WaitOver();
        (_waitsFor, _rounds) = (to.Budget, 1);
        _wait = StartBeside(phase switch
        {
            MigrationPhase.Connecting => "wait for database",
            MigrationPhase.WaitingForTurn => "wait for turn",
            _ => "wait for lock",
        });
        _wait?.SetTag("migrationhost.waits_for", to.What);
    }

    /// <summary>The wait that counts in a budget is over.</summary>
    public void Closed(Budget budget)
    {
        if (budget == _waitsFor)
            WaitOver();
    }

    /// <summary>Somebody is seen to be in the way.</summary>
    public void Found(Finding finding)
    {
        foreach (var blocker in finding.Locks.Blockers)
        {
            (_wait ?? _start)?.AddEvent(new ActivityEvent("blocker found", tags: new()
            {
                ["migrationhost.blocker.pid"] = blocker.Pid,
                ["migrationhost.blocker.program"] = blocker.Program,
                ["migrationhost.blocker.holds"] = blocker.Holds,
            }));
        }
    }

    /// <summary>Nobody is in the way any more.</summary>
    public void Gone() => (_wait ?? _start)?.AddEvent(new ActivityEvent("blocker gone"));

    /// <summary>An attempt has failed; another one may follow.</summary>
    public void Failed(MigrationError error)
    {
        WaitOver();
        _start?.SetStatus(ActivityStatusCode.Error, error.Code.ToString());
        _start?.SetTag("error.type", error.Code.ToString());
    }

    /// <summary>The database is ready.</summary>
    public void Succeeded()
    {
        _start?.SetStatus(ActivityStatusCode.Ok);
        _start?.SetTag("error.type", null);
    }

    public void Dispose()
    {
        WaitOver();
        _start?.Dispose();
    }

    // The names that OpenTelemetry has for them.
    private static string SystemOf(DatabaseProvider provider) =>
        provider == DatabaseProvider.Other ? "other_sql" : provider.ToString().ToLowerInvariant();

    private void WaitOver()
    {
        _wait?.Stop();
        (_wait, _waitsFor) = (null, null);
    }

    // It begins on one thread and ends on another: neither may take it for what is current there.
    private Span? StartBeside(string name)
    {
        var current = Span.Current;
        var parent = _migration is { IsStopped: false } ? _migration : _start;
        var span = Source.StartActivity(name, System.Diagnostics.ActivityKind.Internal, parent!.Context);
        Span.Current = current;
        return span;
    }
}
