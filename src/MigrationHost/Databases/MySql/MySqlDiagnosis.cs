using MigrationHost.Platform;
using MySqlConnector;

namespace MigrationHost.Databases.MySql;

/// <summary>Finds out who holds and who waits for which lock in a database.</summary>
/// <remarks>It asks on a connection of its own, which it closes again; never on one that works.</remarks>
internal sealed class MySqlDiagnosis(MySqlDatabase database, bool showStatements)
{
    private readonly KnownSince<(int Thread, string What)> _known = new(database.Time);

    public async Task<LockDiagnosis> TakeAsync(CancellationToken cancellationToken) =>
        (await TakeAsync(findings => (findings.Blockers(), false), cancellationToken).ConfigureAwait(false)).Locks;

    /// <summary>The same, from the point of view of an external tool.</summary>
    /// <param name="processes">The tool's processes.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task<ToolDiagnosis> TakeForToolAsync(IReadOnlyCollection<int> processes, CancellationToken cancellationToken) =>
        TakeAsync(findings => findings.BlockersOfTool(OwnSockets.LocalPorts(processes: processes)), cancellationToken);

    private async Task<ToolDiagnosis> TakeAsync(
        Func<MySqlFindings, (IReadOnlyList<Blocker> Blockers, bool Itself)> inTheWay, CancellationToken cancellationToken)
    {
        try
        {
            var snapshot = await AskAsync(cancellationToken).ConfigureAwait(false);
            var findings = new MySqlFindings(snapshot, database, _known, showStatements);
            var ((blockers, itself), holders, waiters) = (inTheWay(findings), findings.Holders(), findings.Waiters());
            var report = new LockReport
            {
                Database = database.Name,
                DiagnosedAt = database.Time.GetUtcNow(),
                Complete = findings.Hidden is null,
                Note = findings.Hidden,
                Holders = holders,
                Waiters = waiters,
            };
            return new ToolDiagnosis(
                new LockDiagnosis(report, blockers)
                {
                    OwnPid = database.Sessions.FirstOrDefault(session => session.WaitsForTurn || session.LastWait is not null)?.Id,
                    OwnProgram = $"migrationhost {Instance.Name}",
                },
                itself);
        }
        catch (OperationCanceledException)
        {
            return Unknown("the server did not answer in time");
        }
        catch (Exception e) when (e is ConnectionLostException or MySqlException or MySqlProtocolException or TimeoutException
            or ObjectDisposedException)
        {
            return Unknown($"the server could not be asked: {MySqlErrors.MessageOf(e)}");
        }
    }

    private async Task<MySqlSnapshot> AskAsync(CancellationToken cancellationToken)
    {
        var link = await database.ConnectAsync(cancellationToken).ConfigureAwait(false);
        await using var disposed = link.ConfigureAwait(false);
        await link.ExecuteAsync(cancellationToken, MySqlSql.ForOurStatements(MySqlSql.ReadPatience)).ConfigureAwait(false);
        return await MySqlSnapshot.TakeAsync(link, database, cancellationToken).ConfigureAwait(false);
    }

    private ToolDiagnosis Unknown(string why) => new(LockDiagnosis.Nothing(database.Name, database.Time.GetUtcNow(), why));
}
