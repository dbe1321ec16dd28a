namespace MigrationHost.Databases.PostgreSql;

/// <summary>
/// Whether those are still there that were in the way of the last attempt. A lock of theirs ends with their transaction; to look at that
/// costs the server far less than to look at its locks.
/// </summary>
internal sealed class HoldersSeen
{
    private const string Transactions =
        "SELECT a.pid, (a.xact_start AT TIME ZONE 'UTC')::text FROM unnest($1) AS one, pg_stat_get_activity(one) AS a "
            + "WHERE a.xact_start IS NOT NULL";

    private PostgreSqlLockWait? _wait;
    private List<(int Pid, string Began)> _seen = [];

    /// <summary>Whether one of them is in the same transaction as when this wait was asked about first.</summary>
    /// <param name="side">The connection to ask on.</param>
    /// <param name="wait">What was refused.</param>
    /// <param name="cancellationToken">Ends the question.</param>
    public async Task<bool> AreThereAsync(PostgreSqlConnection side, PostgreSqlLockWait wait, CancellationToken cancellationToken)
    {
        var found = await side.QueryOftenAsync(
            Transactions, row => (row.GetInt32(0), row.GetString(1)), cancellationToken, wait.BlockedBy.ToArray()).ConfigureAwait(false);
        if (_wait != wait)
            (_wait, _seen) = (wait, found);
        return _seen.Exists(found.Contains);
    }
}
