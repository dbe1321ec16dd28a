namespace MigrationHost.Running;

/// <summary>All configured databases, ready to be migrated, in the order of the configuration.</summary>
internal sealed class MigrationRuns(IReadOnlyList<DatabaseRun> all)
{
    public IReadOnlyList<DatabaseRun> All => all;

    public MigrationState State { get; } = new([.. all.Select(run => run.State)]);

    /// <summary>The longest that any run may take to let go.</summary>
    public TimeSpan LongestGrace => all.Max(run => run.Timeouts.Grace);

    public DatabaseRun? Find(string name) => all.FirstOrDefault(run => run.State.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}
