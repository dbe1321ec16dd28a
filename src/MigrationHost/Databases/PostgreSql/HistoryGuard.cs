using MigrationHost.Scripts;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>
/// Whether what runs in a transaction has changed the history behind our back, through a function, a DO block or a trigger.
/// </summary>
/// <remarks>
/// It costs the same for ten rows and for ten thousand: the server counts what a transaction writes to each table.
/// <see href="https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-STATS-FUNCTIONS"/>
/// </remarks>
internal static class HistoryGuard
{
    /// <summary>Why the transaction is rolled back.</summary>
    public static string Changed(PostgreSqlHistory history) =>
        $"a function, DO block or trigger that it runs has changed {history.TableName}";

    /// <summary>Triggers that wait for the commit run now, so that what they do is seen.</summary>
    public const string NoLater = "SET CONSTRAINTS ALL IMMEDIATE";

    /// <summary>
    /// An expression that changes with every change of the table: another table of its name, another form, rows written. Null if
    /// there is no table.
    /// </summary>
    /// <param name="table">Where the parameter with the table's quoted name is.</param>
    /// <param name="own">How many of the rows are ours, as an expression.</param>
    public static string Fingerprint(string table, string own = "0") =>
        $"""
        (SELECT concat_ws(' ', c.oid, c.relfilenode, c.relkind, c.relchecks, c.relhasrules, c.relrowsecurity, c.relforcerowsecurity,
            pg_stat_get_xact_tuples_inserted(c.oid) - {own}, pg_stat_get_xact_tuples_updated(c.oid), pg_stat_get_xact_tuples_deleted(c.oid),
            (SELECT count(*) FROM pg_trigger WHERE tgrelid = c.oid AND NOT tgisinternal),
            (SELECT count(*) FROM pg_policy WHERE polrelid = c.oid),
            (SELECT string_agg(concat_ws(':', attname, atttypid, attnotnull, attisdropped), ',' ORDER BY attnum)
             FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0))
         FROM pg_class AS c WHERE c.oid = to_regclass({table}))
        """;

    /// <summary>Begins a transaction.</summary>
    /// <param name="work">The connection of the work.</param>
    /// <param name="history">The history.</param>
    /// <param name="begin">What begins it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The fingerprint of the history, for <see cref="IsUntouchedAsync"/>.</returns>
    public static Task<string?> BeginAsync(
        PostgreSqlConnection work,
        PostgreSqlHistory history,
        SqlCommand[] begin,
        CancellationToken cancellationToken) =>
        OneAsync(work, history, begin, cancellationToken);

    /// <summary>Whether the history is as it was when the transaction began. To be asked last before its own row is written.</summary>
    public static async Task<bool> IsUntouchedAsync(
        PostgreSqlConnection work,
        PostgreSqlHistory history,
        string? before,
        CancellationToken cancellationToken) =>
        await OneAsync(work, history, [NoLater], cancellationToken).ConfigureAwait(false) == before;

    private static async Task<string?> OneAsync(
        PostgreSqlConnection work,
        PostgreSqlHistory history,
        SqlCommand[] first,
        CancellationToken cancellationToken) =>
        (await work.QueryAsync(
            [.. first, new SqlCommand($"SELECT {Fingerprint("$1")}", history.Table)],
            row => row.IsDBNull(0) ? null : row.GetString(0),
            cancellationToken).ConfigureAwait(false))[0];
}
