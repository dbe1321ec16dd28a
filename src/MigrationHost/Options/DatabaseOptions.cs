namespace MigrationHost;

/// <summary>One database and how it is migrated.</summary>
public sealed class DatabaseOptions
{
    /// <summary>The kind of database. Left out, the one that <see cref="ConnectionString"/> means by being an address or libpq's form;
    /// else SQLite.</summary>
    public DatabaseProvider? Provider { get; set; }

    /// <summary>The driver's connection string, an address (<c>postgres://</c>, <c>postgresql://</c>, <c>sqlite:</c>), or libpq's
    /// <c>host=… dbname=…</c>. Left out, <c>ConnectionStrings:&lt;name&gt;</c> is used.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>What applies the migrations. Default: the SQL files of <see cref="Migrations"/>.</summary>
    public EngineKind Engine { get; set; }

    /// <summary>The folder of the migration files, relative to the content root. Default: <c>migrations</c>.</summary>
    public string Migrations { get; set; } = "migrations";

    /// <summary>Whose folder <see cref="Migrations"/> is. For <see cref="EngineKind.Sql"/>. Default: what folder and database
    /// show.</summary>
    public MigrationLayout Layout { get; set; }

    /// <summary>Where another tool's history is, if its user has renamed it.</summary>
    public HistoryOptions History { get; set; } = new();

    /// <summary>What stands for the placeholders in the files of a <see cref="Layout"/> that has such: <c>${name}</c> of
    /// Flyway.</summary>
    public IDictionary<string, string> Placeholders { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Whether a folder without migrations is meant so; else it ends a start with exit code 7. For <see cref="EngineKind.Sql"/>.
    /// Default: false.</summary>
    public bool AllowEmpty { get; set; }

    /// <summary>Whether the first migration may begin in a schema that has tables or another tool's history already; else it ends a start
    /// with exit code 7. For <see cref="EngineKind.Sql"/>. Default: false.</summary>
    public bool AllowExistingTables { get; set; }

    /// <summary>
    /// What to do if the model has changes that no migration has, for <see cref="EngineKind.EntityFramework"/>. Default: warn.
    /// </summary>
    public PendingModelChanges PendingModelChanges { get; set; }

    /// <summary>Whether EF Core's own <c>Migrate</c> is called, under the watch alone, for <see cref="EngineKind.EntityFramework"/>.
    /// Default: false; another provider than those of SQLite and PostgreSQL has no other way.</summary>
    public bool CallMigrate { get; set; }

    /// <summary>The Alembic project, for <see cref="EngineKind.Alembic"/>.</summary>
    public AlembicOptions? Alembic { get; set; }

    /// <summary>The external tool that migrates, for <see cref="EngineKind.Command"/>.</summary>
    public CommandOptions? Command { get; set; }

    /// <summary>Where the engine runs. Default: in this process.</summary>
    public IsolationMode Isolation { get; set; }

    /// <summary>This database's own time limits.</summary>
    public TimeoutOptions Timeouts { get; set; } = new();

    /// <summary>
    /// Whether log and answers may contain the words of statements, and answers over HTTP command lines too. Default: false.
    /// </summary>
    public bool ShowStatements { get; set; }

    /// <summary>The setting that <see cref="ConnectionString"/> comes from, for messages; null for the database's own.</summary>
    internal string? ConnectionStringSource { get; set; }

    /// <summary>The name under which it is registered in code, which says where it is and how it is migrated; null for an entry of the
    /// settings alone.</summary>
    internal string? RegisteredAs { get; set; }

    /// <summary>Settings whose value was refused when it was read. What depends on them is not checked against a default.</summary>
    internal HashSet<string> Refused { get; } = [];

    internal DatabaseOptions Copy() => (DatabaseOptions)MemberwiseClone();

    /// <summary>In a child process, which knows one database only: the history tables that other entries of its parent's
    /// configuration keep in the same one.</summary>
    internal IReadOnlyList<string> NeighbourHistories { get; set; } = [];
}
