using System.Reflection;
using System.Runtime.CompilerServices;
using MySqlConnector;

namespace MigrationHost.Databases.MySql;

/// <summary>The checks of <c>doctor</c> on a MySQL or MariaDB server. What one of them may not see is told by that one alone.</summary>
internal sealed class MySqlDoctor(MySqlDatabase database)
{
    private static readonly string? Driver = typeof(MySqlConnection).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0];

    private static readonly Version OldestMariaDb = new(10, 6);
    private static readonly Version OldestMySql = new(8, 0);

    public async IAsyncEnumerable<DoctorCheck> CheckAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (link, refused) = await ConnectAsync(cancellationToken).ConfigureAwait(false);
        if (link is null)
        {
            yield return refused!;
            yield break;
        }
        await using var disposed = link.ConfigureAwait(false);
        yield return Versions(link.Server);
        yield return await SessionsAsync(link, cancellationToken).ConfigureAwait(false);
        foreach (var (name, ask) in new MySqlServerChecks(database, link).All())
        {
            DoctorCheck found;
            try
            {
                found = await ask(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is MySqlException or ConnectionLostException)
            {
                // One question that the server does not answer leaves the others standing.
                found = DoctorCheck.Warning(name, $"could not be found out: {MySqlErrors.MessageOf(e)}", "See the server's log.");
            }
            yield return found;
        }
    }

    private async Task<(MySqlLink? Link, DoctorCheck? Refused)> ConnectAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await database.ConnectAsync(cancellationToken).ConfigureAwait(false), null);
        }
        catch (Exception e) when (MySqlErrors.NotUpYet(database.Target, e) is { } lacks)
        {
            return (null, DoctorCheck.Problem(
                "server",
                $"{database.Target} cannot be reached: {lacks.Why}",
                "A start waits for it for Timeouts:DatabaseWait. "
                    + $"{lacks.Remedy ?? "Start the server, or correct Server and Port of the connection string."}"));
        }
        catch (MySqlException e)
        {
            return (null, Problem(MySqlErrors.Refused(database.Settings, e)));
        }
        catch (MySqlProtocolException e)
        {
            return (null, Problem(MySqlErrors.NotMySql(database.Target, e)));
        }

        static DoctorCheck Problem(MigrationException refused) =>
            DoctorCheck.Problem("server", refused.Error.Message, refused.Error.Hint ?? "");
    }

    private DoctorCheck Versions(MySqlServer server)
    {
        var message = $"{(server.IsMariaDb ? "MariaDB" : "MySQL")} {server.Plain} at {database.Target}, "
            + $"MySqlConnector {Driver}, .NET {Environment.Version}";
        var oldest = server.IsMariaDb ? OldestMariaDb : OldestMySql;
        return server.Number < oldest
            ? DoctorCheck.Problem("server", message, $"Upgrade the server: before {oldest} a killed server can leave half of an ALTER.")
            : server.IsMariaDb ? DoctorCheck.Ok("server", message)
            : DoctorCheck.Warning(
                "server",
                $"{message}; MigrationHost is tested on MariaDB, and follows MySQL's documentation where the two differ",
                "Try the migrations on a copy of this database first.");
    }

    private async Task<DoctorCheck> SessionsAsync(MySqlLink link, CancellationToken cancellationToken)
    {
        const string name = "sessions";
        var (second, refused) = await ConnectAsync(cancellationToken).ConfigureAwait(false);
        if (second is null)
        {
            return DoctorCheck.Problem(
                name,
                $"a second connection was refused: {refused!.Message}",
                "A run needs two connections, and a third one for a moment: raise max_connections or max_user_connections.");
        }
        await using var disposed = second.ConfigureAwait(false);
        return link.Client.Id == link.AnnouncedId
            ? DoctorCheck.Ok(name, "the server itself answers, no proxy")
            : DoctorCheck.Problem(
                name,
                $"a proxy is in between: the connection was announced as {link.AnnouncedId}, and its statements run in {link.Client.Id}",
                "Point the connection string of the migrations at the server itself, not at ProxySQL or MaxScale.");
    }
}
