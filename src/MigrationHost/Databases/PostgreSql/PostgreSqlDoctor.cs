using System.Runtime.CompilerServices;
using Npgsql;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>The checks of <c>doctor</c> on a PostgreSQL server. What one of them may not see is told by that one alone.</summary>
internal sealed class PostgreSqlDoctor(PostgreSqlDatabase database, PostgreSqlSettings settings)
{
    private static readonly Version Oldest = new(12, 0);

    public async IAsyncEnumerable<DoctorCheck> CheckAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (connection, refused) = await ConnectAsync(null, cancellationToken).ConfigureAwait(false);
        if (connection is null)
        {
            yield return refused!;
            yield break;
        }
        await using var disposed = connection.ConfigureAwait(false);
        yield return Versions(connection);
        yield return await PoolerAsync(connection, cancellationToken).ConfigureAwait(false);
        foreach (var check in ServerChecks.All(database, connection))
        {
            DoctorCheck found;
            try
            {
                found = await check.Ask(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is PostgresException or ConnectionLostException)
            {
                // One question that the server does not answer leaves the others standing.
                found = DoctorCheck.Warning(
                    check.Name,
                    $"could not be found out: {PostgreSqlErrors.MessageOf(e)}",
                    "See the server's log.");
            }
            yield return found;
        }
    }

    private async Task<(PostgreSqlConnection? Connection, DoctorCheck? Refused)> ConnectAsync(
        (string Host, int Port)? server,
        CancellationToken cancellationToken)
    {
        try
        {
            return (await database.ConnectForWorkAsync(server, cancellationToken).ConfigureAwait(false), null);
        }
        catch (Exception e) when (PostgreSqlErrors.NotUpYet(settings.Target, e, settings.User) is { } lacks)
        {
            const string start = "Start the server, or correct Host and Port of the connection string";
            return (null, DoctorCheck.Problem(
                "server",
                $"{settings.Target} cannot be reached: {lacks.Why}",
                PostgreSqlErrors.Join(lacks.Remedy ?? start, "A start waits for it for Timeouts:DatabaseWait.")));
        }
        catch (MigrationException e)
        {
            return (null, DoctorCheck.Problem("server", e.Error.Message, e.Error.Hint ?? ""));
        }
        catch (NpgsqlException e)
        {
            var error = PostgreSqlErrors.Refused(settings, e).Error;
            return (null, DoctorCheck.Problem("server", error.Message, error.Hint ?? ""));
        }
    }

    private DoctorCheck Versions(PostgreSqlConnection connection)
    {
        var message = $"PostgreSQL {connection.ServerVersion} at {settings.Target}, "
            + $"Npgsql {typeof(NpgsqlConnection).Assembly.GetName().Version?.ToString(3)}, .NET {Environment.Version}";
        return connection.ServerVersion < Oldest
            ? DoctorCheck.Problem("server", message, $"Upgrade the server: {Oldest.Major} is the oldest version that is supported.")
            : DoctorCheck.Ok("server", message);
    }

    private async Task<DoctorCheck> PoolerAsync(PostgreSqlConnection connection, CancellationToken cancellationToken)
    {
        var (second, refused) = await ConnectAsync(connection.Server, cancellationToken).ConfigureAwait(false);
        if (second is null)
        {
            return DoctorCheck.Problem(
                "sessions",
                $"a second session was refused: {refused!.Message}",
                "A run needs two sessions, and a third one for a moment: "
                    + "raise the connection limit of the server, the role, the database or the pooler.");
        }
        await using var disposed = second.ConfigureAwait(false);
        try
        {
            await PoolerCheck.RefuseTransactionPoolingAsync(settings.Target, connection, second, cancellationToken).ConfigureAwait(false);
            var pid = await connection.ScalarAsync<int>("SELECT pg_backend_pid()", cancellationToken).ConfigureAwait(false);
            return DoctorCheck.Ok("sessions", pid == connection.AnnouncedPid
                ? "the server itself answers, no pooler"
                : "a pooler in session mode is in between");
        }
        catch (MigrationException e)
        {
            return DoctorCheck.Problem("sessions", e.Error.Message, e.Error.Hint ?? "");
        }
        catch (Exception e) when (e is PostgresException or ConnectionLostException)
        {
            return DoctorCheck.Problem(
                "sessions",
                $"two sessions cannot be used side by side: {PostgreSqlErrors.MessageOf(e)}",
                "Point the connection string of the migrations at the server itself.");
        }
    }
}
