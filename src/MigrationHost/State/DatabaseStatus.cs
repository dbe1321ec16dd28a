namespace MigrationHost;

/// <summary>One database's part of the status document.</summary>
public sealed record DatabaseStatus
{
    /// <summary>The configured name.</summary>
    public required string Name { get; init; }

    /// <summary>The kind of database.</summary>
    public required DatabaseProvider Provider { get; init; }

    /// <summary>What applies the migrations.</summary>
    public required EngineKind Engine { get; init; }

    /// <summary>What the engine knows and does.</summary>
    internal EngineTraits Traits { get; init; } = new();

    /// <summary>Which database, without secrets: a path, or host, port and name.</summary>
    public required string Target { get; init; }

    /// <summary>Where it stands.</summary>
    public required MigrationPhase Phase { get; init; }

    /// <summary>True while a wait has lasted longer than <c>StallAfter</c> and someone else holds what is waited for.</summary>
    public bool Blocked { get; init; }

    /// <summary>When <see cref="Phase"/> was entered (UTC).</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>The number of the attempt, counted from 1; 0 before the first.</summary>
    public int Attempt { get; init; }

    /// <summary>When the next attempt begins by itself (UTC); null if none will.</summary>
    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>The highest applied version; null before anything was applied or looked at.</summary>
    public string? Current { get; init; }

    /// <summary>The highest version that there is a migration for.</summary>
    public string? Latest { get; init; }

    /// <summary>How many were applied when this start first looked at the history; null if it has not yet.</summary>
    internal int? AppliedBefore { get; init; }

    /// <summary>How many are applied.</summary>
    public int AppliedCount { get; init; }

    /// <summary>How many are pending.</summary>
    public int PendingCount { get; init; }

    /// <summary>What the history records as applied, in order.</summary>
    public IReadOnlyList<AppliedMigration> Applied { get; init; } = [];

    /// <summary>What is still to be applied, in order.</summary>
    public IReadOnlyList<PendingMigration> Pending { get; init; } = [];

    /// <summary>Applied migrations that we have no file for.</summary>
    public IReadOnlyList<AppliedMigration> Unknown { get; init; } = [];

    /// <summary>Applied migrations whose file has changed since.</summary>
    public IReadOnlyList<AppliedMigration> Changed { get; init; } = [];

    /// <summary>The migration under way; null if there is none.</summary>
    public RunningMigration? Running { get; init; }

    /// <summary>What the run waits for; null if it does not wait.</summary>
    public WaitStatus? WaitingFor { get; init; }

    /// <summary>Who holds it up, as of <see cref="DiagnosedAt"/>.</summary>
    public IReadOnlyList<Blocker> Blockers { get; init; } = [];

    /// <summary>When the last diagnosis was taken (UTC); null before the first.</summary>
    public DateTimeOffset? DiagnosedAt { get; init; }

    /// <summary>Why the last attempt failed; null while there is no failure.</summary>
    public MigrationError? Error { get; init; }
}
