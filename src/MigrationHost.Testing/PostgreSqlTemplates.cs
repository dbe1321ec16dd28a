using System.Collections.Concurrent;
using MigrationHost.Databases.PostgreSql;
using Npgsql;

namespace MigrationHost.Testing;

/// <summary>PostgreSQL: a copy is <c>CREATE DATABASE … TEMPLATE</c>.</summary>
internal sealed class PostgreSqlTemplates : ITemplates
{
    private const string TemplatePrefix = "migrationhost_template_";

    private static readonly ConcurrentDictionary<string, PostgreSqlTemplates> Servers = [];

    private readonly NpgsqlConnectionStringBuilder _server;
    private readonly PostgreSqlTestServer _maintenance;
    private readonly ConcurrentDictionary<string, bool> _used = [];

    private PostgreSqlTemplates(NpgsqlConnectionStringBuilder server)
    {
        _server = server;
        _maintenance = new PostgreSqlTestServer(server);
    }

    /// <summary>What the search path is, and who owns what is in it.</summary>
    public string Scope => $"{_server.Username} {_server.SearchPath} {_server.Options}";

    /// <summary>The templates of a server.</summary>
    /// <exception cref="MigrationException">The connection string is wrong.</exception>
    public static PostgreSqlTemplates On(string connectionString)
    {
        var problems = new List<string>();
        return PostgreSqlSettings.Read(connectionString, problems) is { } settings
            ? Servers.GetOrAdd(settings.Configured.ConnectionString, _ => new PostgreSqlTemplates(settings.Configured))
            : throw Failures.InvalidConfiguration($"the connection string of the server: {string.Join("; ", problems)}");
    }

    public async Task<TestCopy> CopyAsync(Template template, CancellationToken cancellationToken)
    {
        try
        {
            return await MakeCopyAsync(template, cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            throw Failures.InvalidConfiguration(
                $"{_server.Username} may not create databases on {_server.Host}: {e.MessageText}; ALTER ROLE {_server.Username} CREATEDB");
        }
        catch (NpgsqlException e) when (e is not PostgresException)
        {
            throw Failures.Unreachable($"the server of the test databases, {_server.Host}:{_server.Port}, does not answer: {e.Message}", e);
        }
    }

    private async Task<TestCopy> MakeCopyAsync(Template template, CancellationToken cancellationToken)
    {
        var name = await _maintenance.NewNameAsync(cancellationToken).ConfigureAwait(false);
        var source = TemplatePrefix + template.Key;
        while (!await TryCreateAsync(name, source, cancellationToken).ConfigureAwait(false))
            await MakeAsync(template, source, cancellationToken).ConfigureAwait(false);
        if (_used.TryAdd(source, true))
            await _maintenance.RememberUseAsync(source, cancellationToken).ConfigureAwait(false);
        var connectionString = ConnectionStringOf(name);
        return new TestCopy(connectionString, () => DropAsync(name, connectionString));
    }

    // False if there is no such template.
    private async Task<bool> TryCreateAsync(string name, string source, CancellationToken cancellationToken)
    {
        try
        {
            await _maintenance.RunAsync($"CREATE DATABASE {name} TEMPLATE {source}", cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InvalidCatalogName)
        {
            return false;
        }
    }

    // It has its name once it is complete: what a killed process was making is one of its test databases.
    private async Task MakeAsync(Template template, string source, CancellationToken cancellationToken)
    {
        var turn = await _maintenance.TakeTurnAsync(source, cancellationToken).ConfigureAwait(false);
        await using (turn.ConfigureAwait(false))
        {
            if (await _maintenance.HasAsync(source, cancellationToken).ConfigureAwait(false))
                return;
            var made = await _maintenance.NewNameAsync(cancellationToken).ConfigureAwait(false);
            await _maintenance.RunAsync($"CREATE DATABASE {made}", cancellationToken).ConfigureAwait(false);
            try
            {
                await template.MigrateAsync(ConnectionStringOf(made), cancellationToken).ConfigureAwait(false);
                await _maintenance.RunAsync($"ALTER DATABASE {made} ALLOW_CONNECTIONS false", cancellationToken).ConfigureAwait(false);
                await _maintenance.RunAsync($"ALTER DATABASE {made} RENAME TO {source}", cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is MigrationException or OperationCanceledException)
            {
                await DropAsync(made, ConnectionStringOf(made)).ConfigureAwait(false);
                throw;
            }
        }
    }

    private async ValueTask DropAsync(string name, string connectionString)
    {
        using (var pooled = new NpgsqlConnection(connectionString))
            NpgsqlConnection.ClearPool(pooled);
        await _maintenance.DropAsync(name, CancellationToken.None).ConfigureAwait(false);
    }

    private string ConnectionStringOf(string database) =>
        new NpgsqlConnectionStringBuilder(_server.ConnectionString) { Database = database }.ConnectionString;
}
