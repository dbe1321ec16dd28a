namespace MigrationHost.Databases.PostgreSql;

/// <summary>One lock that the server shows in pg_locks: granted, or waited for.</summary>
/// <param name="Owner">Who: <see cref="ServerBackend.Id"/>.</param>
/// <param name="Kind">pg_locks.locktype.</param>
/// <param name="Mode">The mode held or wanted.</param>
/// <param name="Granted">False: it is waited for.</param>
/// <param name="Tag">What is locked: the same for all who hold or want it.</param>
/// <param name="Relation">The relation's oid, where there is one.</param>
/// <param name="Name">The relation's name, as our search_path would write it.</param>
/// <param name="OfUser">Whether it is on a table, view or sequence of a user's: one that migrations are about.</param>
/// <param name="Key">The key of an advisory lock of one number.</param>
/// <param name="WaitsForMs">For how long it is waited for, where the server tells (14 and later).</param>
internal sealed record ServerLock(int Owner, string Kind, string Mode, bool Granted, string Tag, uint? Relation, string? Name, bool OfUser, long? Key, long? WaitsForMs)
{
    /// <summary>What is locked, in words.</summary>
    public string Resource => Kind switch
    {
        "transactionid" or "virtualxid" => "its transaction",
        "advisory" => Key is { } key ? $"advisory lock {key}" : "an advisory lock",
        "tuple" => $"a row of {Name}",
        _ => Name ?? (Kind == "object" ? "an object of the catalog" : Kind),
    };

    /// <summary>What somebody who wants it waits for, in words.</summary>
    public string Wanted => Kind switch
    {
        "transactionid" => "the end of another transaction",
        "virtualxid" => "the end of a transaction that began earlier",
        _ => $"{Mode} on {Resource}",
    };

    /// <summary>Whether holding this keeps somebody from getting <paramref name="wanted"/>.</summary>
    public bool IsInTheWayOf(ServerLock wanted) => Granted && Tag == wanted.Tag && Owner != wanted.Owner && LockModes.Conflict(wanted.Mode, Mode);
}
