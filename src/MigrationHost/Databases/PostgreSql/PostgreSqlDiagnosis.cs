using MigrationHost.Platform;
using MigrationHost.Scripts;
using Npgsql;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>Finds out who holds and who waits for which lock in a database.</summary>
/// <remarks>
/// It asks on the connection at the side of a run: opening one for a single question costs a blocked server more than the question.
/// Where there is none, or it does not answer, it asks on a connection of its own, which it closes again; never on one that works.
/// </remarks>
internal sealed class PostgreSqlDiagnosis(string name, PostgreSqlDatabase database, bool showStatements)
{
    /// <summary>All of it may take a second: the connection at the side must leave some of that for another one.</summary>
    private static readonly TimeSpan LongestAtTheSide = TimeSpan.FromMilliseconds(400);

    /// <summary>The server itself gives up a question whose asker may be gone.</summary>
    private static readonly SqlCommand[] Bounds = ["SET statement_timeout = '900ms'", PostgreSqlSql.LongestLockForAQuestion];

    private readonly KnownSince<(int Owner, string Tag, string Mode)> _known = new(database.Time);

    public async Task<LockDiagnosis> TakeAsync(CancellationToken cancellationToken) =>
        (await TakeAsync(findings => (findings.Blockers(), false), cancellationToken).ConfigureAwait(false)).Locks;

    /// <summary>The same, from the point of view of an external tool.</summary>
    /// <param name="processes">The tool's processes.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task<ToolDiagnosis> TakeForToolAsync(IReadOnlyCollection<int> processes, CancellationToken cancellationToken) =>
        TakeAsync(findings => findings.BlockersOfTool(database.ToolName, OwnSockets.LocalPorts(processes: processes)), cancellationToken);

    private async Task<ToolDiagnosis> TakeAsync(
        Func<LockFindings, (IReadOnlyList<Blocker> Blockers, bool Itself)> inTheWay, CancellationToken cancellationToken)
    {
        PostgreSqlSession[] sessions = [.. database.Sessions];
        try
        {
            var snapshot = await AskAsync(sessions, cancellationToken).ConfigureAwait(false);
            var findings = new LockFindings(snapshot, sessions, database.LeftBehind, database.Form, _known, showStatements);
            var ((blockers, itself), holders, waiters) = (inTheWay(findings), findings.Holders(), findings.Waiters());
            return new ToolDiagnosis(
                new LockDiagnosis(
                    new LockReport
                    {
                        Database = name,
                        DiagnosedAt = database.Time.GetUtcNow(),
                        Complete = !findings.HidesSomething,
                        Note = findings.HidesSomething ? HiddenFrom(snapshot.Asker.User) : null,
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
        if (sessions.Select(session => session.Side).FirstOrDefault(side => side is not null) is { } side
            && await TryAskAsync(side, cancellationToken).ConfigureAwait(false) is { } answer)
            return answer;
        (string, int)? server = sessions.Length > 0 ? sessions[0].Work.Server : null;
        var own = await database.ConnectAsync(server, cancellationToken).ConfigureAwait(false);
        await using var disposed = own.ConfigureAwait(false);
        await own.ExecuteAsync(cancellationToken, Bounds).ConfigureAwait(false);
        return await LockSnapshot.TakeAsync(own, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<LockSnapshot?> TryAskAsync(PostgreSqlSide side, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(LongestAtTheSide);
        try
        {
            return await side.AskAsync(asked => LockSnapshot.TakeAsync(asked, limit.Token), limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested
            && e is ConnectionLostException or NpgsqlException or ObjectDisposedException or OperationCanceledException)
        {
            // Broken, closed just now, or busy: whoever uses it will find out.
            return null;
        }
    }

    private static string HiddenFrom(string role) =>
        $"what other roles' sessions do is hidden from role {role}: grant pg_read_all_stats to {PostgreSqlName.Quoted(role)}";

    private ToolDiagnosis Unknown(string why) => new(LockDiagnosis.Nothing(name, database.Time.GetUtcNow(), why));
}
