namespace MigrationHost.Engines.Alembic;

/// <summary>For how long each revision has waited for a lock, over all runs of Alembic: the work of other revisions does not
/// count.</summary>
internal sealed class AlembicLockWaits
{
    private readonly Dictionary<string, TimeSpan> _spent = new(StringComparer.Ordinal);

    public TimeSpan For(string revision) => _spent.GetValueOrDefault(revision);

    public void Add(string revision, TimeSpan waited) => _spent[revision] = For(revision) + waited;
}
