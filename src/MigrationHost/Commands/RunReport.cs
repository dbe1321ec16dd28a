namespace MigrationHost.Commands;

/// <summary>Turns the changes of state during a run into what the user reads, in the order in which they happen.</summary>
internal abstract class RunReport : IDisposable
{
    private readonly Lock _writing = new();
    private readonly List<(DatabaseState State, Action Handler)> _handlers = [];
    private readonly Dictionary<string, DatabaseStatus> _before = [];

    protected RunReport(MigrationState state)
    {
        State = state;
        foreach (var database in state.Databases)
        {
            _before[database.Name] = database.Read();
            void Handler() => Changed(database);
            _handlers.Add((database, Handler));
            database.Changed += Handler;
        }
    }

    protected MigrationState State { get; }

    /// <summary>The run is over.</summary>
    /// <param name="errors">Why databases are not ready, in their order; null for those that are.</param>
    /// <param name="exitCode">What the command will exit with.</param>
    public void Summarize(IReadOnlyList<MigrationError?> errors, int exitCode)
    {
        lock (_writing)
            WriteSummary(errors, exitCode);
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

    /// <summary>Writes while nobody else does.</summary>
    protected void Write(Action write)
    {
        lock (_writing)
            write();
    }

    private void Changed(DatabaseState database)
    {
        lock (_writing)
        {
            var status = database.Read();
            var before = _before[status.Name];
            _before[status.Name] = status;

            // What was applied before this run is seen at once, with the first look at the history.
            var known = before.Phase < MigrationPhase.WaitingForTurn ? status.Applied.Count : before.Applied.Count;
            foreach (var migration in status.Applied.Skip(known))
                WriteApplied(status, migration);
            if (status.Phase != before.Phase)
                WritePhase(status);
            if (status.Blocked && Who(status) != Who(before))
                WriteBlocked(status);
        }
    }

    private static string Who(DatabaseStatus status) => status.Blocked ? string.Join(',', status.Blockers.Select(blocker => $"{blocker.Pid}{blocker.Holds}")) : "";
}
