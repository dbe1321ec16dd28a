using MigrationHost.Running;

namespace MigrationHost.Commands;

/// <summary>Turns the changes of state during a run into what the user reads, in the order in which they happen.</summary>
internal abstract class RunReport : IDisposable
{
    private readonly Lock _writing = new();
    private readonly List<(DatabaseState State, Action Handler)> _handlers = [];
    private readonly Dictionary<string, DatabaseStatus> _before = [];
    private bool _over;

    protected RunReport(MigrationState state)
    {
        State = state;
        foreach (var database in state.Databases)
        {
            _before[database.Name] = database.Read();
            var changed = new Announcement(() => Changed(database));
            _handlers.Add((database, changed.Make));
            database.Changed += changed.Make;
        }
    }

    protected MigrationState State { get; }

    /// <summary>The run is over.</summary>
    /// <param name="errors">Why databases are not ready, in their order; null for those that are.</param>
    /// <param name="exitCode">What the command will exit with.</param>
    public void Summarize(IReadOnlyList<MigrationError?> errors, int exitCode)
    {
        foreach (var database in State.Databases)
            Changed(database);
        lock (_writing)
        {
            _over = true;
            WriteSummary(errors, exitCode);
        }
    }

    public virtual void Dispose()
    {
        foreach (var (state, handler) in _handlers)
            state.Changed -= handler;
    }

    protected abstract void WriteApplied(DatabaseStatus status, AppliedMigration migration);

    protected abstract void WritePhase(DatabaseStatus status);

    protected abstract void WriteBlocked(DatabaseStatus status);

    protected abstract void WriteSummary(IReadOnlyList<MigrationError?> errors, int exitCode);

    /// <summary>Writes while nobody else does, until the summary is written.</summary>
    protected void Write(Action write)
    {
        lock (_writing)
        {
            if (!_over)
                write();
        }
    }

    private void Changed(DatabaseState database)
    {
        lock (_writing)
        {
            if (_over)
                return;
            var status = database.Read();
            var before = _before[status.Name];
            _before[status.Name] = status;
            foreach (var migration in status.AppliedSince(before))
                WriteApplied(status, migration);
            if (status.Phase != before.Phase)
                WritePhase(status);
            if (status.Blocked && Who(status) != Who(before))
                WriteBlocked(status);
        }
    }

    private static string Who(DatabaseStatus status) => status.Blocked ? string.Join(',', status.Blockers.Select(blocker => $"{blocker.Pid}{blocker.Holds}")) : "";
}
