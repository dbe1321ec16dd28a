using System.Globalization;
using MigrationHost.Scripts;

namespace MigrationHost.Databases.MySql;

/// <summary>
/// Whether others migrate the database, as the processlist shows it: without the right PROCESS only those of the same account.
/// </summary>
/// <remarks>
/// A statement that commits by itself is work on the schema. Any other one that writes may be an application's; it counts if the same
/// session was seen at work before, since a script goes on for longer than a request. Between two of its statements a script shows
/// nothing.
/// </remarks>
/// <param name="session">The session that asks, and its database.</param>
internal sealed class MySqlOthersAtWork(MySqlSession session)
{
    /// <summary>A script that is sent as one text is in the processlist from its current statement to its end.</summary>
    private const int EnoughText = 2000;

    private static readonly string[] Writing = ["INSERT", "UPDATE", "DELETE", "REPLACE", "LOAD"];

    private HashSet<int> _busy = [];

    /// <summary>Looks once.</summary>
    public async Task<bool> AreThereAsync(CancellationToken cancellationToken)
    {
        var found = await session.Work.QueryAsync(
            new SqlCommand(
                $"SELECT id, LEFT(info, {EnoughText}) FROM information_schema.processlist "
                    + "WHERE db = $1 AND command <> 'Sleep' AND info IS NOT NULL AND id <> CONNECTION_ID()",
                session.Database.Schema),
            row => (Id: Convert.ToInt32(row.GetValue(0), CultureInfo.InvariantCulture), Text: row.GetString(1)),
            cancellationToken).ConfigureAwait(false);
        var running = found.FindAll(one => MySqlTurnWords.Read(one.Text) is null)
            .ConvertAll(one => (one.Id, Statement: MySqlSplitter.Split(one.Text, escapes: true, (_, _, _) => { }).FirstOrDefault()));
        var (changing, writing) = (
            running.FindAll(one => one.Statement is { NeedsNoTransaction: true }).ConvertAll(one => one.Id),
            running.FindAll(one => one.Statement is { } statement && Array.Exists(Writing, word => statement.Begins(word)))
                .ConvertAll(one => one.Id));
        var areThere = changing.Count > 0 || writing.Exists(_busy.Contains);
        _busy = [.. changing, .. writing];
        return areThere;
    }
}
