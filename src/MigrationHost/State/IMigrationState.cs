namespace MigrationHost;

/// <summary>The state of all migrations, for other services of the host. Reading it never touches a database.</summary>
public interface IMigrationState
{
    /// <summary>An immutable snapshot of this moment.</summary>
    MigrationStatus Current { get; }

    /// <summary>Completes once every database is ready and verified.</summary>
    /// <remarks>
    /// In a running service it does not end with a failure: a failed start may heal (<c>RetryInterval</c>), and an exception of a
    /// background service would stop the host that <c>OnFailure: StayUnready</c> keeps. It ends when the host
    /// stops. In a test, on ASP.NET Core's test server or under a <c>WebApplicationFactory</c>, it does with a failure once no further
    /// attempt will be made.
    /// </remarks>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="MigrationException">In a test: the databases will not become ready, and why.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled, or the host was told to stop, first.</exception>
    Task WaitUntilReadyAsync(CancellationToken cancellationToken = default);
}
