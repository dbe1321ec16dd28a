using System.Globalization;
using MySqlConnector;

namespace MigrationHost.Databases.MySql;

/// <summary>Looks at a connection at work, from another one: whether it waits for a lock, or the evidence that slow is not hung.</summary>
/// <remarks><see href="https://mariadb.com/kb/en/information-schema-processlist-table/"/></remarks>
internal sealed class MySqlWorkLook(int id, TimeProvider time)
{
    /// <summary>How long InnoDB is not asked again, at least; at most three times as long.</summary>
    /// <remarks>
    /// It looks at its transactions anew only if nobody at all has asked for a tenth of a second: those who ask in step see nothing new,
    /// for as long as they do. <see href="https://mariadb.com/kb/en/information-schema-innodb_trx-table/"/>
    /// </remarks>
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(200);

    // A sleep, a wait for a client or for a lock is not work.
    private static readonly string[] Idle = ["User sleep", "User lock"];

    private string? _last;
    private bool _mayAskInnoDb = true;
    private (bool Waits, string? Rows) _answer;
    private long _statement;
    private long? _askedAt;
    private TimeSpan _pause;

    /// <param name="side">The connection to look from.</param>
    /// <param name="statement">The number of the statement that runs: what was seen of one says nothing of the next.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<MySqlWorkSeen> TakeAsync(MySqlLink side, long statement, CancellationToken cancellationToken)
    {
        if (statement != _statement)
            (_statement, _askedAt) = (statement, null);
        var found = await side.QueryAsync(
            string.Create(CultureInfo.InvariantCulture, $"SELECT * FROM information_schema.processlist WHERE id = {id}"),
            Describe,
            cancellationToken).ConfigureAwait(false);
        if (found is not [var (command, state, progress)])
            return default;
        if (command == "Sleep")
            return new MySqlWorkSeen(true, null, IsIdle: true);
        if (MySqlStates.LockWaitedFor(state) is { } wanted)
            return new MySqlWorkSeen(true, wanted);
        var (waits, rows) = await InnoDbAsync(side, cancellationToken).ConfigureAwait(false);
        if (waits)
            return new MySqlWorkSeen(true, "a row that another transaction has locked");
        var activity = string.Join(", ", new[] { state is { Length: > 0 } ? state : "running", progress, rows }.OfType<string>());
        var moved = activity != _last;
        _last = activity;
        return new MySqlWorkSeen(true, null, activity, moved || state is not null && Array.IndexOf(Idle, state) < 0);
    }

    private async Task<(bool Waits, string? Rows)> InnoDbAsync(MySqlLink side, CancellationToken cancellationToken)
    {
        if (!_mayAskInnoDb)
            return default;
        if (_askedAt is { } at && time.GetElapsedTime(at) < _pause)
            return _answer;
        (_askedAt, _pause) = (time.GetTimestamp(), ShortestPause * (1 + 2 * Random.Shared.NextDouble()));
        try
        {
            var found = await side.QueryAsync(
                "SELECT trx_state, trx_rows_modified FROM information_schema.innodb_trx "
                    + string.Create(CultureInfo.InvariantCulture, $"WHERE trx_mysql_thread_id = {id}"),
                row => (State: row.GetString(0), Rows: Convert.ToInt64(row.GetValue(1), CultureInfo.InvariantCulture)),
                cancellationToken).ConfigureAwait(false);
            return _answer = found is [var trx, ..]
                ? (trx.State == "LOCK WAIT", trx.Rows > 0 ? $"{trx.Rows.ToString("N0", CultureInfo.InvariantCulture)} rows changed" : null)
                : default;
        }
        catch (MySqlException refused) when (MySqlErrors.IsDenied(refused))
        {
            _mayAskInnoDb = false;
            return default;
        }
    }

    private static (string? Command, string? State, string? Progress) Describe(MySqlDataReader row)
    {
        var (command, state, progress) = ((string?)null, (string?)null, (string?)null);
        var (stage, stages, percent) = (0L, 0L, 0m);
        for (var i = 0; i < row.FieldCount; i++)
        {
            if (row.IsDBNull(i))
                continue;
            switch (row.GetName(i).ToUpperInvariant())
            {
                case "COMMAND":
                    command = row.GetString(i);
                    break;
                case "STATE":
                    state = row.GetString(i);
                    break;
                case "STAGE":
                    stage = Convert.ToInt64(row.GetValue(i), CultureInfo.InvariantCulture);
                    break;
                case "MAX_STAGE":
                    stages = Convert.ToInt64(row.GetValue(i), CultureInfo.InvariantCulture);
                    break;
                case "PROGRESS":
                    percent = Convert.ToDecimal(row.GetValue(i), CultureInfo.InvariantCulture);
                    break;
            }
        }
        if (stages > 0)
            progress = string.Create(CultureInfo.InvariantCulture, $"stage {stage} of {stages}, {percent:0.0} %");
        return (command, state, progress);
    }
}
