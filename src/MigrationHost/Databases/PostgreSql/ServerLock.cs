namespace MigrationHost.Databases.PostgreSql;

/// <summary>One lock that the server shows: granted, or waited for.</summary>
internal sealed record ServerLock
{
    /// <summary>
    /// The kind of a wait that pg_locks does not show: another session has a page in use that VACUUM must have for itself.
    /// </summary>
    public const string BufferPin = "bufferpin";

    /// <summary>The first number that the server gives to what a user creates.</summary>
    public const uint FirstOfUsers = 16384;

    /// <summary>Whose it is: <see cref="ServerBackend.Id"/>.</summary>
    public required int Owner { get; init; }

    /// <summary>pg_locks.locktype.</summary>
    public required string Kind { get; init; }

    public required string Mode { get; init; }

    /// <summary>False: it is waited for.</summary>
    public required bool Granted { get; init; }

    /// <summary>What is locked: the same for all who hold or want it.</summary>
    public required string Tag { get; init; }

    /// <summary>The oid of the database that it is in; null or 0 for what all databases share.</summary>
    public uint? Database { get; init; }

    /// <summary>Whether it is in the database that was asked, or in what all share.</summary>
    public bool IsHere { get; init; } = true;

    /// <summary>The name of the other database that it is in.</summary>
    public string? Elsewhere { get; init; }

    public uint? Relation { get; init; }

    /// <summary>The catalog of an object, and the object's oid in it.</summary>
    public (uint Class, uint Id)? Object { get; init; }

    /// <summary>The key of an advisory lock of one number.</summary>
    public long? Key { get; init; }

    /// <summary>How long the wait has lasted, if the server reports it (14 and later).</summary>
    public long? WaitsForMs { get; init; }

    /// <summary>Who is in the way: pg_blocking_pids. 0 stands for a prepared transaction.</summary>
    public IReadOnlyList<int> BlockedBy { get; init; } = [];

    /// <summary>What the relation or object is called, or the tables that a transaction has changed; null if it is not known.</summary>
    public string? Name { get; init; }

    /// <summary>Of a wait for the end of a transaction: the table whose row that has changed; null if that is not known.</summary>
    public string? RowOf { get; init; }

    /// <summary>Whether it is an index or a table for long values, which are locked along with their table.</summary>
    public bool IsPartOfTable { get; init; }

    /// <summary>Whether it is on a table, view or sequence of a user's: one that migrations are about.</summary>
    public bool IsOnUsersTable => IsHere && Kind == "relation" && Relation >= FirstOfUsers && !IsPartOfTable;

    /// <summary>Whether it is on what all databases of the server share.</summary>
    public bool IsShared => Database is 0;

    /// <summary>Whether a migration of this database could have to wait for it.</summary>
    public bool CanHoldUpMigrations => Granted && IsHere && Kind switch
    {
        "relation" => IsOnUsersTable || (Relation < FirstOfUsers && LockModes.KeepsOutWriters(Mode)),
        "object" => !IsShared || LockModes.KeepsOutWriters(Mode),
        "advisory" or "transactionid" => true,
        _ => false,
    };

    /// <summary>Whether holding this keeps another session from getting <paramref name="wanted"/>.</summary>
    public bool IsInTheWayOf(ServerLock wanted) =>
        Granted && Tag == wanted.Tag && Owner != wanted.Owner && LockModes.Conflict(wanted.Mode, Mode);

    /// <summary>What is locked, in words.</summary>
    public string Resource => IsHere ? Words : $"{Words} in database {Elsewhere ?? $"{Database}"}";

    /// <summary>What a session that wants it waits for, in words.</summary>
    public string Wanted => Kind switch
    {
        "transactionid" when RowOf is { } table => $"a row of {table} that another transaction has changed",
        "transactionid" => "the end of another transaction",
        "virtualxid" => "the end of a transaction that began earlier",
        BufferPin => $"{Resource} that another session has in use",
        _ => $"{Mode} on {Resource}",
    };

    private string Words => Kind switch
    {
        "transactionid" => $"the uncommitted changes of its transaction{(Name is { } tables ? $" to {tables}" : "")}",
        "virtualxid" => "its transaction",
        "advisory" when Key is { } key => $"advisory lock {key}",
        "advisory" when Object is var (first, second) => $"advisory lock {first}, {second}",
        "tuple" => $"a row of {Thing}",
        "page" or BufferPin => $"a page of {Thing}",
        "extend" => $"the file of {Thing}",
        "relation" or "object" => Thing,
        _ => Kind,
    };

    private string Thing =>
        Name
        ?? (Relation is { } relation ? $"relation {relation}"
        : Object is { } thing ? $"object {thing.Id} of catalog {thing.Class}"
        : Kind);
}
