namespace MigrationHost.Engines.Alembic;

/// <summary>What env.py shows without being run, see env_facts.py.</summary>
internal sealed record AlembicEnv
{
    /// <summary>Whether it drives an asynchronous engine.</summary>
    public bool IsAsync { get; init; }

    /// <summary>Whether its engines begin a transaction by themselves even in SQLAlchemy 1.4.</summary>
    public bool IsFuture { get; init; }

    public bool ConfiguresLogging { get; init; }

    /// <summary>Lines with a <c>fileConfig</c> that switches off the loggers which exist already.</summary>
    public IReadOnlyList<int> SilencesLoggers { get; init; } = [];

    /// <summary>Calls that make an engine whose pool keeps connections open.</summary>
    public IReadOnlyList<AlembicEnvLine> Pools { get; init; } = [];

    /// <summary>Connections that have a name and are never closed by it.</summary>
    public IReadOnlyList<AlembicEnvLine> NeverClosed { get; init; } = [];

    /// <summary>Connections that are opened while another one is open.</summary>
    public IReadOnlyList<AlembicEnvLine> SecondConnections { get; init; } = [];

    /// <summary>Lines with a <c>run_migrations</c> that no transaction encloses and nobody commits afterwards.</summary>
    public IReadOnlyList<int> WithoutTransaction { get; init; } = [];

    /// <summary>
    /// Lines with a statement before Alembic's transaction, in a file that never commits: it begins one that nobody ends.
    /// </summary>
    public IReadOnlyList<int> Uncommitted { get; init; } = [];

    /// <summary>The line of <c>target_metadata = None</c>; null if there are models.</summary>
    public int? NoMetadata { get; init; }

    /// <summary>Calls of <c>context.configure</c> for a run on a database whose arguments are all visible.</summary>
    public IReadOnlyList<AlembicEnvLine> Configures { get; init; } = [];

    /// <summary>Whether <c>transaction_per_migration</c> is on.</summary>
    public bool CommitsEach { get; init; }

    /// <summary>
    /// Whether Alembic's own transaction is the only one, so that without transactional DDL each revision is committed before the next.
    /// </summary>
    public bool CommitsEachOnSqlite { get; init; }

    /// <summary>How long the driver waits for a lock by a <c>timeout</c> in <c>connect_args</c>; null if none is given.</summary>
    public AlembicEnvLine? Timeout { get; init; }

    /// <summary>The version table that <c>context.configure</c> names, or the line where code decides it; null if it names none.</summary>
    public AlembicEnvLine? VersionTable { get; init; }

    /// <summary>The same for the version table's schema.</summary>
    public AlembicEnvLine? VersionTableSchema { get; init; }
}
