using MigrationHost.Scripts;
using MigrationHost.Tools;

namespace MigrationHost.Databases;

/// <summary>One database as the engine sees it: it opens sessions, and tells who holds which lock. A new kind of database implements this
/// and what it returns.</summary>
internal interface IMigrationDatabase
{
    /// <summary>Which database, for people: no secrets.</summary>
    string Target { get; }

    /// <summary>What is so of every database of its kind.</summary>
    DatabaseFacts Facts { get; }

    /// <summary>The same for two entries of a configuration that mean the same database.</summary>
    string Identity => Target;

    /// <summary>What an operator should know of the settings: what of a connection string is overridden, and why.</summary>
    IReadOnlyList<string> Notes { get; }

    /// <summary>Why migrations that are pending cannot be applied, where the settings say so; null where they do not.</summary>
    MigrationError? WhyReadOnly => null;

    /// <summary>What is wrong with what is there, as far as that shows without a connection; null if it may well be the database. For a
    /// process that has no connection to it.</summary>
    string? WhyNoDatabase => null;

    /// <summary>How long a waiting run sleeps between two tries.</summary>
    TimeSpan PollInterval { get; }

    /// <summary>How the history is kept.</summary>
    IHistoryForm Form { get; }

    /// <summary>Keeps the history in another form from now on: what a folder is may be seen only by what is in the database.</summary>
    void Use(IHistoryForm other);

    /// <summary>Tries to open a session. It never waits: what may yet come up is an <see cref="OpenAttempt"/> without a session.</summary>
    /// <exception cref="MigrationException">The database cannot be used, and waiting would not change that.</exception>
    ValueTask<OpenAttempt> TryOpenAsync(SessionPurpose purpose, CancellationToken cancellationToken);

    /// <summary>Looks at who holds and who waits for what. Bounded by the token, never throws for what it may not see, and never touches a
    /// session.</summary>
    ValueTask<LockDiagnosis> DiagnoseAsync(CancellationToken cancellationToken);

    /// <summary>As <see cref="DiagnoseAsync"/>, with those as blockers who are in the way of an external tool: of its processes, not of our
    /// sessions. Where that cannot be told, there are none.</summary>
    /// <param name="processes">The tool's processes.</param>
    /// <param name="cancellationToken">Ends it.</param>
    async ValueTask<ToolDiagnosis> DiagnoseToolAsync(IReadOnlyCollection<int> processes, CancellationToken cancellationToken) =>
        new(await DiagnoseAsync(cancellationToken).ConfigureAwait(false));

    /// <summary>What an external tool that works on it gets into its environment, unless it has a value already: by it the database knows
    /// its sessions.</summary>
    IReadOnlyDictionary<string, string> ToolEnvironment => new Dictionary<string, string>();

    /// <summary>The checks of <c>doctor</c> for this kind of database, one by one as they finish. Changes nothing.</summary>
    IAsyncEnumerable<DoctorCheck> CheckAsync(CancellationToken cancellationToken);
}
