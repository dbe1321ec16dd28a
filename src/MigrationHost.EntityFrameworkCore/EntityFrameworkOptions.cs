namespace MigrationHost;

/// <summary>How the migrations of one Entity Framework Core context are applied. Filled from the settings under
/// <c>MigrationHost:Databases:&lt;name&gt;</c> before the application's code changes it.</summary>
public sealed class EntityFrameworkOptions
{
    /// <summary>What to do if the model has changes that no migration has. Default: warn.</summary>
    public PendingModelChanges PendingModelChanges { get; set; }

    /// <summary>Whether EF Core's own <c>Migrate</c> is called, under the watch alone: what a context needs that replaces
    /// <c>IMigrator</c> or <c>IMigrationCommandExecutor</c>. Default: false; another provider than those of SQLite and PostgreSQL has no
    /// other way.</summary>
    public bool CallMigrate { get; set; }

    /// <summary>Whether an assembly without migrations is meant so; else it ends a start with exit code 7. Default: false.</summary>
    public bool AllowEmpty { get; set; }

    /// <summary>Whether the first migration may begin in a database that has tables already; else it ends a start with exit code 7.
    /// Default: false.</summary>
    public bool AllowExistingTables { get; set; }

    /// <summary>Whether log and answers may contain the words of statements. Default: false.</summary>
    public bool ShowStatements { get; set; }

    /// <summary>This database's own time limits.</summary>
    public TimeoutOptions Timeouts { get; init; } = new();
}
