using MigrationHost.Platform;
using MigrationHost.Tools;
using Npgsql;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>Finds out who holds and who waits for which lock in a database. It asks on a connection of its own, which it closes again, and where none is left on one that is at the side of a run; never on one that works.</summary>
internal sealed class PostgreSqlDiagnosis(string name, PostgreSqlDatabase database, bool showStatements)
{
    /// <summary>Where somebody else can be asked, a try to connect may not use up the second that all of it may take.</summary>
    private static readonly TimeSpan LongestConnect = TimeSpan.FromMilliseconds(500);

    /// <summary>The server itself gives up a question whose asker may be gone.</summary>
    private static readonly PostgreSqlCommand[] Bounds = ["SET statement_timeout = '900ms'", "SET lock_timeout = '500ms'"];

    private readonly KnownSince<ServerLock> _known = new(database.Time);

    public async Task<LockDiagnosis> TakeAsync(CancellationToken cancellationToken) =>
        (await TakeAsync(findings => (findings.Blockers(), false), cancellationToken).ConfigureAwait(false)).Locks;

    /// <summary>The same, from the point of view of an external tool.</summary>
    /// <param name="processes">The tool's processes.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task<ToolDiagnosis> TakeForToolAsync(IReadOnlyCollection<int> processes, CancellationToken cancellationToken) =>
        TakeAsync(findings => findings.BlockersOfTool(database.ToolName, OwnSockets.LocalPorts(processes)), cancellationToken);

    private async Task<ToolDiagnosis> TakeAsync(Func<LockFindings, (IReadOnlyList<Blocker> Blockers, bool Itself)> inTheWay, CancellationToken cancellationToken)
    {
        PostgreSqlSession[] sessions = [.. database.Sessions];
        try
        {
            var snapshot = await AskAsync(sessions, cancellationToken).ConfigureAwait(false);
            var findings = new LockFindings(snapshot, sessions, database.LeftBehind, _known, showStatements);
            var ((blockers, itself), holders, waiters) = (inTheWay(findings), findings.Holders(), findings.Waiters());
            return new ToolDiagnosis(
                new LockDiagnosis(
                    new LockReport
                    {
                        Database = name,
                        DiagnosedAt = database.Time.GetUtcNow(),
                        Complete = !findings.HidesSomething,
                        Note = findings.HidesSomething ? $"what other roles' sessions do is hidden from role {snapshot.User}: grant pg_read_all_stats to {PostgreSqlName.Quoted(snapshot.User)}" : null,
                        Holders = holders,
                        Waiters = waiters,
                    },
                    blockers)
                {
                    OwnPid = sessions.FirstOrDefault(session => session.WaitsForTurn || session.LastWait is not null)?.Pid,
                    OwnProgram = HolderWords.InstanceProgram(Instance.Name),
                },
                itself);
        }
        catch (OperationCanceledException)
        {
            return Unknown("the server did not answer in time");
        }
        catch (Exception e) when (e is ConnectionLostException or NpgsqlException or TimeoutException or ObjectDisposedException)
        {
            return Unknown($"the server could not be asked: {PostgreSqlErrors.MessageOf(e)}");
        }
    }

    private async Task<LockSnapshot> AskAsync(PostgreSqlSession[] sessions, CancellationToken cancellationToken)
    {
        var side = sessions.Select(session => session.Side).FirstOrDefault(side => side is not null);
        uint[] relations = [.. sessions.Select(session => session.LastWait?.Relation).OfType<uint>()];
        PostgreSqlConnection own;
        try
        {
            own = await ConnectAsync(sessions, side is null ? Timeout.InfiniteTimeSpan : LongestConnect, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (side is not null && !cancellationToken.IsCancellationRequested && e is (NpgsqlException or TimeoutException or OperationCanceledException))
        {
            // No connection is left, or the network is slow.
            return await side!.AskAsync(asked => LockSnapshot.TakeAsync(asked, relations, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        await using var disposed = own.ConfigureAwait(false);
        await own.ExecuteAsync(cancellationToken, Bounds).ConfigureAwait(false);
        return await LockSnapshot.TakeAsync(own, relations, cancellationToken).ConfigureAwait(false);
    }

    private async Task<PostgreSqlConnection> ConnectAsync(PostgreSqlSession[] sessions, TimeSpan longest, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(longest);
        return await database.ConnectAsync(sessions.Length > 0 ? sessions[0].Work.Server : null, limit.Token).ConfigureAwait(false);
    }

    private ToolDiagnosis Unknown(string why) => new(LockDiagnosis.Nothing(name, database.Time.GetUtcNow(), why));
}
