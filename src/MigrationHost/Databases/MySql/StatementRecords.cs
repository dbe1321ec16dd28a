using System.Globalization;
using System.Security.Cryptography;
using MigrationHost.Scripts;
using MySqlConnector;

namespace MigrationHost.Databases.MySql;

/// <summary>
/// A row for each statement under way that commits by itself: what was there before it, and which connection runs it. It is written with
/// the history's row that says the statement has begun, and goes with the one that says it is done.
/// </summary>
/// <remarks>Two releases agree on it: docs/instances.md.</remarks>
/// <param name="session">The session.</param>
/// <param name="version">The script's version.</param>
/// <param name="mayUse">Whether the script may have changed the session's database.</param>
internal sealed class StatementRecords(MySqlSession session, string version, bool mayUse)
{
    public const string TableName = "migrationhost_statement";

    private readonly string _table = TableOf(session);

    /// <summary>Makes the table. DDL commits, so that this has to be done before a transaction begins.</summary>
    public static Task CreateAsync(MySqlSession session, CancellationToken cancellationToken)
    {
        var text = MySqlDialect.Instance.Text;
        return session.Work.ExecuteAsync(
            cancellationToken,
            $"""
            CREATE TABLE IF NOT EXISTS {TableOf(session)} (
                version {text} NOT NULL PRIMARY KEY,
                statement int NOT NULL,
                checksum {text} NOT NULL,
                object_kind {text},
                object_schema {text},
                object_name {text},
                fingerprint {text},
                connection_id bigint NOT NULL,
                server_id {text} NOT NULL,
                server_started datetime NOT NULL
            ) ENGINE=InnoDB{MySqlDialect.Instance.TableOptions}
            """);
    }

    /// <summary>
    /// The connection that still runs a statement of an instance that has not the turn any more; null if there is none. One whose process
    /// is gone keeps the turn itself: this is for a session that has lost its locks otherwise.
    /// </summary>
    public static async Task<int?> LeftRunningAsync(MySqlSession session, CancellationToken cancellationToken)
    {
        try
        {
            var found = await session.Work.QueryAsync(
                new SqlCommand(
                    // A connection id is unique until the server starts again.
                    $"SELECT p.id FROM {TableOf(session)} AS s JOIN information_schema.processlist AS p ON p.id = s.connection_id "
                        + "WHERE s.server_id = $1 AND s.connection_id <> CONNECTION_ID() AND p.command <> 'Sleep' "
                        + "AND ABS(TIMESTAMPDIFF(SECOND, s.server_started, $2)) < 5",
                    session.Work.Server.Id,
                    session.Work.Server.Started),
                row => Convert.ToInt32(row.GetValue(0), CultureInfo.InvariantCulture),
                cancellationToken).ConfigureAwait(false);
            return found.Count > 0 ? found[0] : null;
        }
        catch (MySqlException missing) when (MySqlErrors.IsMissingTable(missing))
        {
            return null;
        }
    }

    /// <summary>Looks at what a statement is about, and writes the row for it.</summary>
    /// <returns>What has to be committed before the statement begins.</returns>
    public async Task<(StatementRecord Record, SqlCommand ToWrite)> LookAsync(MySqlStatement statement, CancellationToken cancellationToken)
    {
        var about = await QualifiedAsync(CatalogObject.Of(statement), cancellationToken).ConfigureAwait(false);
        var fingerprint = about is null ? null : await TryFingerprintAsync(about, cancellationToken).ConfigureAwait(false);
        about = fingerprint is null ? null : about;
        var record = new StatementRecord(statement.Number, Checksum(statement), about, fingerprint, session.Work.Server.Plain);
        var write = new SqlCommand(
            $"REPLACE INTO {_table} VALUES ($1, $2, $3, $4, $5, $6, $7, CONNECTION_ID(), $8, $9)",
            version,
            record.Statement,
            $"{record.Checksum} {record.Server}",
            about?.Kind,
            about?.Schema,
            about?.Name,
            fingerprint,
            session.Work.Server.Id,
            session.Work.Server.Started);
        return (record, write);
    }

    /// <summary>What was written of a statement that was begun; null if there is nothing, as for one that another release began.</summary>
    public async Task<StatementRecord?> ReadAsync(int statement, CancellationToken cancellationToken)
    {
        var found = await session.Work.QueryAsync(
            new SqlCommand(
                $"SELECT checksum, object_kind, object_schema, object_name, fingerprint FROM {_table} "
                    + "WHERE version = $1 AND statement = $2",
                version,
                statement),
            row => Read(statement, row),
            cancellationToken).ConfigureAwait(false);
        return found.FirstOrDefault();
    }

    /// <summary>What removes the row.</summary>
    public SqlCommand ToForget() => new($"DELETE FROM {_table} WHERE version = $1", version);

    public static string Checksum(MySqlStatement statement) => Convert.ToHexStringLower(SHA256.HashData(statement.Utf8.Span), 0, 16);

    // An earlier release takes a checksum with a version behind it for another statement's: it asks a human, and runs nothing twice.
    private static StatementRecord Read(int statement, MySqlDataReader row)
    {
        var (checksum, about) = (row.GetString(0).Split(' ', 2), row.IsDBNull(1) ? null : row.GetString(1));
        return new StatementRecord(
            statement,
            checksum[0],
            about is null ? null : new CatalogObject(about, row.IsDBNull(2) ? null : row.GetString(2), row.GetString(3)),
            row.IsDBNull(4) ? null : row.GetString(4),
            checksum.ElementAtOrDefault(1));
    }

    // Who may create a view need not have the right to look at its definition (SHOW VIEW).
    private async Task<string?> TryFingerprintAsync(CatalogObject about, CancellationToken cancellationToken)
    {
        try
        {
            return await about.FingerprintAsync(session.Work, cancellationToken).ConfigureAwait(false);
        }
        catch (MySqlException denied) when (MySqlErrors.IsDenied(denied))
        {
            return null;
        }
    }

    // USE may have changed the session's database: the row must not depend on it.
    private async Task<CatalogObject?> QualifiedAsync(CatalogObject? about, CancellationToken cancellationToken) =>
        about is not { Schema: null } ? about
        : !mayUse ? about with { Schema = session.Database.Schema }
        : about with { Schema = await session.Work.ScalarAsync("SELECT DATABASE()", cancellationToken).ConfigureAwait(false) as string };

    private static string TableOf(MySqlSession session) => MySqlName.Quoted(session.Database.Schema, TableName);
}
