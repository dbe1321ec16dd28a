using MigrationHost.Scripts;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>
/// What a CREATE INDEX CONCURRENTLY or REINDEX CONCURRENTLY that failed or was ended leaves behind: an index marked INVALID,
/// which slows writes down and answers no query.
/// </summary>
/// <remarks><see href="https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY"/></remarks>
internal sealed class ConcurrentIndexes(PostgreSqlTurn turn, Migration script)
{
    private readonly PostgreSqlConnection _work = turn.Session.Work;

    /// <summary>Finds out how far an earlier attempt came. What it left broken is dropped, to be built again.</summary>
    /// <returns>Whether the index is there, whole.</returns>
    /// <exception cref="MigrationException">The index has no name to find it by.</exception>
    public async Task<bool> IsBuiltAsync(PostgreSqlScript statements, PostgreSqlStatement statement, CancellationToken cancellationToken)
    {
        if (!statement.Begins("CREATE"))
        {
            await DropLeftoversAsync(cancellationToken).ConfigureAwait(false);
            return false;
        }
        var name = statement.IndexName ?? throw statements.Failed(
            statement,
            "was under way when an earlier attempt was ended, and the index has no name to find it by",
            "Look at the table's indexes (\\d table in psql): drop an INVALID one, then give the index a name in the script and say "
                + $"'migrationhost resolve {script.Version} --retry', or '--applied' if a valid one is there and nothing follows.");
        var (schema, found) = await FindAsync(statement, name, cancellationToken).ConfigureAwait(false);
        if (found is not false)
            return found is true;
        await DropAsync(schema, name, cancellationToken).ConfigureAwait(false);
        return false;
    }

    /// <summary>Success may mean only that IF NOT EXISTS found an index, however broken.</summary>
    /// <exception cref="MigrationException">The index is INVALID.</exception>
    public async Task RefuseInvalidAsync(PostgreSqlScript statements, PostgreSqlStatement statement, CancellationToken cancellationToken)
    {
        if (!statement.MayExist
            || statement.IndexName is not { } name
            || (await FindAsync(statement, name, cancellationToken).ConfigureAwait(false)).Valid is not false)
            return;
        throw statements.Failed(
            statement,
            $"the index {name} exists, but is INVALID: an earlier attempt to build it, not ours, has failed",
            $"Drop it (DROP INDEX CONCURRENTLY {PostgreSqlName.Quoted(name)}) unless another session is building it, and start again.");
    }

    private async Task<(string Schema, bool? Valid)> FindAsync(
        PostgreSqlStatement statement,
        string name,
        CancellationToken cancellationToken)
    {
        var found = await _work.QueryAsync(
            """
            SELECT n.nspname, i.indisvalid
            FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE c.relname = $1 AND i.indrelid = to_regclass($2)
              AND (i.indisvalid OR NOT EXISTS (SELECT FROM pg_stat_progress_create_index AS p WHERE p.index_relid = c.oid))
            """,
            row => (Schema: row.GetString(0), Valid: (bool?)row.GetBoolean(1)),
            cancellationToken,
            name,
            statement.IndexedTable).ConfigureAwait(false);
        return found.FirstOrDefault();
    }

    // REINDEX CONCURRENTLY calls the new index …_ccnew and the old one …_ccold until it is done.
    private async Task DropLeftoversAsync(CancellationToken cancellationToken)
    {
        var left = await _work.QueryAsync(
            """
            SELECT n.nspname, c.relname
            FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE NOT i.indisvalid AND c.relname ~ '_cc(new|old)[0-9]*$' AND n.nspname <> 'pg_toast' AND pg_has_role(c.relowner, 'USAGE')
              AND NOT EXISTS (SELECT FROM pg_stat_progress_create_index AS p WHERE p.index_relid = c.oid)
            """,
            row => (Schema: row.GetString(0), Name: row.GetString(1)),
            cancellationToken).ConfigureAwait(false);
        foreach (var (schema, name) in left)
            await DropAsync(schema, name, cancellationToken).ConfigureAwait(false);
    }

    private async Task DropAsync(string schema, string name, CancellationToken cancellationToken)
    {
        turn.Progress.Tell(new Progress.Said(
            "WARNING",
            $"the index {schema}.{name} was left INVALID by an attempt that did not finish; it is dropped and built again"));
        await turn.WorkAsync(
            0,
            token => _work.ExecuteAsync(
                token,
                $"DROP INDEX CONCURRENTLY IF EXISTS {PostgreSqlName.Quoted(schema)}.{PostgreSqlName.Quoted(name)}"),
            cancellationToken).ConfigureAwait(false);
    }
}
