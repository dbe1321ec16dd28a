namespace MigrationHost;

/// <summary>What a run waits for: a lock that others hold, another instance, the server, or a migration's own long work.</summary>
public sealed record WaitStatus
{
    internal const string Waiting = "waiting";

    /// <summary>What is waited for, in words.</summary>
    public required string What { get; init; }

    /// <summary>Milliseconds waited so far.</summary>
    public required long ElapsedMs { get; init; }

    /// <summary>Milliseconds after which the wait is given up.</summary>
    public required long LimitMs { get; init; }

    /// <summary><c>waiting</c>, or the evidence that work continues.</summary>
    public required string Activity { get; init; }
}
