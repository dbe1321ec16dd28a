namespace MigrationHost;

/// <summary>A holder of a lock. Never our own session.</summary>
public sealed record Blocker
{
    /// <summary>SQLite: the operating system's process id. PostgreSQL: the server's backend pid. MariaDB, MySQL:
    /// the connection id. Null if it cannot be known.</summary>
    public required int? Pid { get; init; }

    /// <summary>Which of the holders of one look it is: the pid, if it has one. Null if nothing tells it from another one.</summary>
    internal int? Id
    {
        get => field ?? Pid;
        init;
    }

    /// <summary>SQLite: the program's name, no arguments. PostgreSQL: its application_name. MariaDB, MySQL: the
    /// connection attribute program_name where the server shows it, else the client's host.</summary>
    public required string? Program { get; init; }

    /// <summary>True if the lock is held inside this very process, by a connection that is not ours.</summary>
    public bool ThisProcess { get; init; }

    /// <summary>The kind of lock, in the database's own words.</summary>
    public required string Holds { get; init; }

    /// <summary>What is locked: a file's name, a relation.</summary>
    public required string Resource { get; init; }

    /// <summary>What the holder is doing, as far as can be seen.</summary>
    public string? State { get; init; }

    /// <summary><see cref="State"/> without any name of a user, host, object or migration: what an outsider may read.</summary>
    internal string? AnonymousState { get; init; }

    /// <summary>Milliseconds for which it is known to hold the lock: a lower bound.</summary>
    public long? ForMs { get; init; }

    /// <summary>What it runs: an SQL statement or a command line. Null unless the database's <c>ShowStatements</c> is true.</summary>
    public string? Statement { get; init; }

    /// <summary>What to do about it.</summary>
    public string? Hint { get; init; }
}
