namespace MigrationHost;

/// <summary>What to do if the model of an Entity Framework Core context has changes that no migration has.</summary>
public enum PendingModelChanges
{
    /// <summary>A warning in the log. <c>doctor</c> calls it a problem.</summary>
    Warn,

    /// <summary>The start fails with exit code 7, as EF Core's own <c>Migrate</c> does.</summary>
    Fail,

    /// <summary>Nothing is checked.</summary>
    Ignore,
}
