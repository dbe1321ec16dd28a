using Npgsql;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>
/// Finds out whether a pooler hands out another backend for every transaction: then a session's lock protects nothing, and
/// two clients can both be granted the same one.
/// </summary>
internal static class PoolerCheck
{
    private const int Rounds = 5;
    private const long ProbeKey = 0x4D485F50524F4245; // "MH_PROBE"

    /// <exception cref="MigrationException">It does.</exception>
    public static async Task RefuseTransactionPoolingAsync(
        string target,
        PostgreSqlConnection first,
        PostgreSqlConnection second,
        CancellationToken cancellationToken)
    {
        // Without anything in between, a session's backend is the one that was announced.
        var pid = await PidAsync(first, cancellationToken).ConfigureAwait(false);
        if (pid == first.AnnouncedPid)
            return;

        for (var round = 0; round < Rounds; round++)
        {
            if (await PidAsync(first, cancellationToken).ConfigureAwait(false) != pid
                || await PidAsync(second, cancellationToken).ConfigureAwait(false) == pid
                || await BothGrantedAsync(first, second, cancellationToken).ConfigureAwait(false))
                throw Refused(target);
        }
    }

    private static async Task<bool> BothGrantedAsync(
        PostgreSqlConnection first,
        PostgreSqlConnection second,
        CancellationToken cancellationToken)
    {
        var one = await first.ScalarAsync<bool>("SELECT pg_try_advisory_lock($1)", cancellationToken, ProbeKey).ConfigureAwait(false);
        var other = await second.ScalarAsync<bool>("SELECT pg_try_advisory_lock($1)", cancellationToken, ProbeKey).ConfigureAwait(false);
        if (one)
            await first.ScalarAsync<bool>("SELECT pg_advisory_unlock($1)", cancellationToken, ProbeKey).ConfigureAwait(false);
        if (other)
            await second.ScalarAsync<bool>("SELECT pg_advisory_unlock($1)", cancellationToken, ProbeKey).ConfigureAwait(false);
        return one && other;
    }

    private static Task<int> PidAsync(PostgreSqlConnection connection, CancellationToken cancellationToken) =>
        connection.ScalarAsync<int>("SELECT pg_backend_pid()", cancellationToken);

    /// <summary>PgBouncer refuses transactions by itself if it changes sessions after every statement.</summary>
    public static bool IsRefusal(PostgresException e) => e.MessageText.Contains("statement pooling", StringComparison.Ordinal);

    public static MigrationException Refused(string target) => new(new MigrationError
    {
        Code = MigrationErrorCode.InvalidConfiguration,
        Message = $"{target} is a pooler in transaction mode: "
            + "every transaction or statement may run in another session, so that no lock of a session protects a migration",
        Hint = "Point the connection string of the migrations at the server itself, or at a pool in session mode "
            + "(PgBouncer: pool_mode = session for this database or user). The application can keep its pool.",
    });
}
