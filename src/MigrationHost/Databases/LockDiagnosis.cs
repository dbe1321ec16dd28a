namespace MigrationHost.Databases;

/// <summary>What a look at a database's locks found.</summary>
/// <param name="Report">Everybody who holds or waits.</param>
/// <param name="Blockers">Of these, the ones in the way of what our own sessions wait for right now.</param>
internal sealed record LockDiagnosis(LockReport Report, IReadOnlyList<Blocker> Blockers)
{
    /// <summary>
    /// Whether nothing was found out, which is not the same as nobody: what an earlier look saw is still the best that is known.
    /// </summary>
    public bool Failed { get; private init; }

    /// <summary>Our session that waits, by the kind of pid that <see cref="Blocker.Pid"/> is; null if none does.</summary>
    public int? OwnPid { get; init; }

    /// <summary>What such a session is called, as in <see cref="Blocker.Program"/>.</summary>
    public string? OwnProgram { get; init; }

    /// <summary>A look that found nothing out.</summary>
    public static LockDiagnosis Nothing(string database, DateTimeOffset at, string why) =>
        new(new LockReport { Database = database, DiagnosedAt = at, Complete = false, Note = why }, []) { Failed = true };
}
