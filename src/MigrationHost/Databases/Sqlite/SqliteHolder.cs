using MigrationHost.Platform;

namespace MigrationHost.Databases.Sqlite;

/// <summary>What one process holds on a database.</summary>
/// <param name="Pid">The process; negative for a lock whose owner the kernel does not record.</param>
/// <param name="Locks">Its locks; at least one.</param>
/// <param name="ReadMarks">WAL mode: which of the log's read marks its readers use.</param>
internal sealed record SqliteHolder(int Pid, IReadOnlyList<SqliteLockKind> Locks, IReadOnlyList<int> ReadMarks)
{
    public SqliteLockKind Strongest => Locks.Max();

    /// <summary>Whether it tries to commit and has not got the file for itself yet.</summary>
    public bool IsCommitting => Has(SqliteLockKind.Pending) && !Has(SqliteLockKind.Exclusive);

    /// <summary>Whether it runs a checkpoint that keeps writers out, or writes while another of its connections runs one.</summary>
    public bool MayBeCheckpointing => Has(SqliteLockKind.WalCheckpoint) && Has(SqliteLockKind.WalWrite);

    public bool Has(SqliteLockKind kind) => Locks.Contains(kind);

    public bool HoldsUp(SqliteActivity session) => Locks.Any(kind => SqliteLocks.HoldsUp(kind, session));

    /// <summary>The same without some of its locks; null if none is left.</summary>
    public SqliteHolder? Without(Func<SqliteLockKind, bool> these) =>
        Locks.Where(kind => !these(kind)).ToList() is { Count: > 0 } left ? this with { Locks = left } : null;

    /// <summary>Puts together what each process holds.</summary>
    /// <param name="onDatabase">The locks on the database file.</param>
    /// <param name="onShm">The locks on its -shm.</param>
    public static IReadOnlyList<SqliteHolder> All(IReadOnlyList<FileLock> onDatabase, IReadOnlyList<FileLock> onShm)
    {
        var inWalMode = onShm.Count > 0;
        var locks = onDatabase.SelectMany(held => SqliteLocks.OnDatabase(held, inWalMode), (held, kind) => (held.Pid, kind))
            .Concat(onShm.SelectMany(SqliteLocks.OnShm, (held, kind) => (held.Pid, kind)));
        var marks = onShm.ToLookup(held => held.Pid);
        return
        [
            .. from held in locks
               group held.kind by held.Pid into process
               select new SqliteHolder(
                   process.Key, [.. process.Distinct()], [.. marks[process.Key].SelectMany(SqliteLocks.ReadMarks).Distinct()]),
        ];
    }
}
