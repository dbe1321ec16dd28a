using MigrationHost.Scripts;

namespace MigrationHost.Databases;

/// <summary>
/// One database as the engine sees it: it opens sessions, and reports who holds which lock. A new kind of
/// database implements this and what it returns.
/// </summary>
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

    /// <summary>What an operator should know of the place where the database is although it stops nothing; asked once that has
    /// answered.</summary>
    IReadOnlyList<PlanWarning> Warnings => [];

    /// <summary>How long a waiting run sleeps between two tries, once it has waited for a while.</summary>
    TimeSpan PollInterval { get; }

    /// <summary>How the history is kept.</summary>
    IHistoryForm Form { get; }

    /// <summary>Keeps the history in another form from now on: what a folder is may be seen only by what is in the database.</summary>
    void Use(IHistoryForm other);

    /// <summary>Starts a run where its calls may block.</summary>
    Task RunAsync(Func<Task> run) => Task.Run(run, CancellationToken.None);

    /// <summary>Tries to open a session. It never waits: what may yet come up is an <see cref="OpenAttempt"/> without a session.</summary>
    /// <exception cref="MigrationException">The database cannot be used, and waiting would not change that.</exception>
    ValueTask<OpenAttempt> TryOpenAsync(SessionPurpose purpose, CancellationToken cancellationToken);

    /// <summary>
    /// Looks at who holds and who waits for what. Bounded by the token, never throws for what it may not see, and never touches a session.
    /// </summary>
    ValueTask<LockDiagnosis> DiagnoseAsync(CancellationToken cancellationToken);

    /// <summary>The checks of <c>doctor</c> for this kind of database, one by one as they finish. Changes nothing.</summary>
    IAsyncEnumerable<DoctorCheck> CheckAsync(CancellationToken cancellationToken);
}
