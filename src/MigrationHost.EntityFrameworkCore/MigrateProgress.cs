using System.Diagnostics;
using System.Reflection;
using MigrationHost.Databases;
using MigrationHost.Running;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.Logging;
using Activity = MigrationHost.Running.Activity;
using ActivityKind = MigrationHost.Running.ActivityKind;

namespace MigrationHost.EntityFramework;

/// <summary>How far EF Core's own <c>Migrate</c> is, as its diagnostics report it.
/// <see href="https://learn.microsoft.com/ef/core/logging-events-diagnostics/diagnostic-listeners"/></summary>
internal sealed class MigrateProgress : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IDisposable
{
    // Diagnostics come from every context of the process. Those of this call come in its own flow.
    private static readonly AsyncLocal<MigrateProgress?> Current = new();

    private static readonly string Acquiring = RelationalEventId.AcquiringMigrationLock.Name!;
    private static readonly string Started = RelationalEventId.TransactionStarted.Name!;
    private static readonly string Committed = RelationalEventId.TransactionCommitted.Name!;
    private static readonly string Applying = RelationalEventId.MigrationApplying.Name!;
    private static readonly string NotApplied = RelationalEventId.MigrationsNotApplied.Name!;
    private static readonly string Executing = RelationalEventId.CommandExecuting.Name!;
    private static readonly string Executed = RelationalEventId.CommandExecuted.Name!;

    private readonly Watch _watch;
    private readonly string _context;
    private readonly int _pending;
    private readonly string? _lastWord;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _subscribing = new();
    private readonly List<IDisposable> _subscriptions = [];
    private readonly List<(string Id, int Commands, TimeSpan Took)> _done = [];
    private readonly HashSet<string> _applied;
    private DbContext? _followed;
    private bool _over;
    private int _command;
    private long _began;

    /// <param name="watch">The watch over this run.</param>
    /// <param name="context">The context.</param>
    /// <param name="pending">How many migrations are pending.</param>
    /// <param name="lastWord">The command that records the last of them; null if there are none.</param>
    /// <param name="time">The time.</param>
    /// <param name="logger">Where to.</param>
    public MigrateProgress(Watch watch, string context, int pending, string? lastWord, TimeProvider time, ILogger logger)
    {
        (_watch, _context, _pending, _lastWord, _time, _logger) = (watch, context, pending, lastWord, time, logger);
        _applied = [.. watch.State.Read().Applied.Select(applied => applied.Version)];
        Beginning = new(ActivityKind.Working, $"EF Core's Migrate of {context} to begin", InTurn());
    }

    /// <summary>What is done until the first report.</summary>
    public Activity Beginning { get; }

    /// <summary>The migration under way; null before the first.</summary>
    public (string Id, Type Type)? Running { get; private set; }

    /// <summary>Whether all migrations have run: what follows is the seeding, in the same transaction.</summary>
    public bool IsSeeding { get; private set; }

    /// <summary>Listens from now on to what happens in the caller's flow.</summary>
    public void Follow(DbContext context)
    {
        (_followed, Current.Value) = (context, this);
        Keep(DiagnosticListener.AllListeners.Subscribe(this));
    }

    /// <summary>These migrations are committed.</summary>
    public void Applied(IEnumerable<string> ids)
    {
        foreach (var id in ids.Where(_applied.Add))
        {
            var (_, commands, took) = _done.Find(done => done.Id == id);
            _watch.State.Committed(ContextHistory.Applied(id).ToStatus());
            Log.Applied(_logger, _watch.State.Name, id, MigrationName.Of(id), Count(commands), Duration.Say(took));
        }
    }

    // Called for each context of the process that is made meanwhile, on its own thread.
    public void OnNext(DiagnosticListener value)
    {
        if (value.Name == DbLoggerCategory.Name)
            Keep(value.Subscribe(this));
    }

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (Current.Value != this)
            return;
        var name = value.Key;
        if (name == Acquiring)
            _watch.TurnTo(_watch.Lookable(ActivityKind.Waiting, "EF Core's own lock on the migrations", InTurn()));
        else if (name == Started && Running is null)
            _watch.TurnTo(Working);
        else if (name == Applying && value.Value is MigrationEventData begun)
            Begin(begun.Migration);
        else if (name == Executing && Running is not null)
            _watch.Tell(new Progress.Statement(++_command, null, null));
        else if (name == NotApplied)
            IsSeeding = true;
        else if (name == Executed)
        {
            _watch.Advance();
            IsSeeding |= _lastWord is not null && (value.Value as CommandEventData)?.Command.CommandText.Trim() == _lastWord;
        }
        else if (name == Committed)
            Applied(_done.Select(done => done.Id));
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }

    public void Dispose()
    {
        IDisposable[] all;
        lock (_subscribing)
        {
            _over = true;
            all = [.. _subscriptions];
        }
        foreach (var subscription in all)
            subscription.Dispose();
    }

    private Activity Working => _pending == 0
        ? new(
            ActivityKind.Working,
            $"the seeding of {_context} to finish",
            new Budget(_watch.Timeouts.Seeding, MigrationErrorCode.DeadlineExceeded))
        {
            Remedy = "If the seeding needs longer, raise Timeouts:Seeding.",
        }
        : new(
            ActivityKind.Working,
            Running is { } running ? $"migration {running.Id} to finish" : $"EF Core's Migrate of {_context} to continue",
            new Budget(_watch.Timeouts.Migration, MigrationErrorCode.DeadlineExceeded))
        {
            Remedy = "If it needs longer, raise Timeouts:Migration. Look at the server first: its command may still be running there.",
        };

    private void Keep(IDisposable subscription)
    {
        lock (_subscribing)
        {
            if (!_over)
            {
                _subscriptions.Add(subscription);
                return;
            }
        }
        subscription.Dispose();
    }

    private static string Count(int commands) => commands == 1 ? "1 command" : $"{commands} commands";

    private Budget InTurn() => new(_watch.Timeouts.Turn, MigrationErrorCode.Blocked);

    // EF Core begins the next one when all commands of the one before are done: which is not yet committed if they share a transaction.
    private void Begin(Migration migration)
    {
        End();
        if (_followed?.Database.CurrentTransaction is null)
            Applied(_done.Select(done => done.Id));
        var id = migration.GetType().GetCustomAttribute<MigrationAttribute>()!.Id;
        (Running, IsSeeding, _command, _began) = ((id, migration.GetType()), false, 0, _time.GetTimestamp());
        _watch.Begins(id, MigrationName.Of(id), locks: null);
        _watch.TurnTo(Working);
    }

    private void End()
    {
        if (Running is { } running)
            _done.Add((running.Id, _command, _time.GetElapsedTime(_began)));
    }
}
