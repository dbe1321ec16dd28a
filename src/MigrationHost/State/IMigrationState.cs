namespace MigrationHost;

/// <summary>The state of all migrations, for other services of the host. Reading it never touches a database.</summary>
public interface IMigrationState
{
    /// <summary>An immutable snapshot of this moment.</summary>
    MigrationStatus Current { get; }

    /// <summary>Completes once every database is ready and verified.</summary>
    /// <remarks>
    /// It does not end with a failure, since a failed start may heal (<c>RetryInterval</c>): pass the token that stops your service.
    /// </remarks>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    Task WaitUntilReadyAsync(CancellationToken cancellationToken = default);
}
