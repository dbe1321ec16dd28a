using MigrationHost.Scripts;
using Npgsql;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>Migrations that share a commit: what is still to be sent for them, and what the history was like before they joined.</summary>
/// <remarks>
/// The history is looked at twice, however many they are: who finds anything else there than their rows rolls all of them back, and each
/// runs alone and is looked after. A row for what is recorded already is refused by the table's key.
/// </remarks>
/// <param name="history">The history, in our own form, whose first column is the key.</param>
internal sealed class PostgreSqlGroup(PostgreSqlHistory history)
{
    private const string Look = "migrationhost_look";

    private readonly List<string> _joined = [];
    private readonly List<SqlCommand> _unsent = [];
    private string? _before;

    /// <summary>A migration's record is sent with what comes next.</summary>
    public void SendLater(string version, SqlCommand[] record)
    {
        _joined.Add(version);
        _unsent.AddRange(record);
    }

    /// <summary>Sends commands, behind what is unsent.</summary>
    public async Task SendAsync(PostgreSqlConnection work, SqlCommand[] commands, CancellationToken cancellationToken)
    {
        if (_before is null)
            _before = await LookAsync(work, commands, cancellationToken).ConfigureAwait(false);
        else
            await work.ExecuteAsync(cancellationToken, [.. TakeUnsent(), .. commands]).ConfigureAwait(false);
    }

    /// <summary>Whether the history has the rows of all that joined, and is else what it was before.</summary>
    public async Task<bool> IsUntouchedAsync(PostgreSqlConnection work, CancellationToken cancellationToken) =>
        _before is null || await LookAsync(work, [], cancellationToken).ConfigureAwait(false) == _before;

    // The script's own rows come behind.
    private async Task<string?> LookAsync(PostgreSqlConnection work, SqlCommand[] commands, CancellationToken cancellationToken) =>
        (await work.QueryAsync([.. TakeUnsent(), ToLook(), .. commands], Seen, cancellationToken).ConfigureAwait(false))[0];

    private SqlCommand ToLook() => new(
        $"""
        SELECT concat_ws(' ', (SELECT count(*) - cardinality($1) FROM {history.Table} WHERE {history.Key} = ANY($1)),
            {HistoryGuard.Fingerprint("$2", own: "cardinality($1)")}) AS {Look}
        """,
        _joined.ToArray(),
        history.Table);

    private SqlCommand[] TakeUnsent()
    {
        SqlCommand[] unsent = [.. _unsent];
        _unsent.Clear();
        return unsent;
    }

    private static string? Seen(NpgsqlDataReader row) =>
        row.FieldCount == 1 && row.GetName(0) == Look ? row.GetString(0) : null;
}
