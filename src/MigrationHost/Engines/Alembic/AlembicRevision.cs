namespace MigrationHost.Engines.Alembic;

/// <summary>One revision.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Message">What Alembic logs for it: the first paragraph of its docstring.</param>
/// <param name="File">Its file, from the content root.</param>
/// <param name="Line">The line of its <c>down_revision</c>, counted from 1; null if it has none.</param>
/// <param name="After">The revisions that must run before it: those it follows and those it depends on.</param>
internal sealed record AlembicRevision(string Id, string Message, string File, int? Line, IReadOnlyList<string> After)
{
    public PendingMigration ToPending() => new(Id, Message);

    /// <summary>Alembic's table keeps ids alone: neither time nor author.</summary>
    public AppliedMigration ToApplied() => Applied(Id, Message);

    /// <summary>A row of Alembic's table.</summary>
    public static AppliedMigration Applied(string id, string message) =>
        new() { Version = id, Description = message, Checksum = null, AppliedAt = null, DurationMs = null, AppliedBy = null };
}
