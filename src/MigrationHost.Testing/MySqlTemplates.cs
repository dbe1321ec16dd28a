using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MigrationHost.Databases.MySql;
using MySqlConnector;

namespace MigrationHost.Testing;

/// <summary>MariaDB and MySQL, which know no template: a copy is a new database with the same definitions and rows.</summary>
internal sealed class MySqlTemplates : ITemplates
{
    private static readonly ConcurrentDictionary<string, MySqlTemplates> Servers = [];

    private readonly MySqlConnectionStringBuilder _server;
    private readonly MySqlTestServer _maintenance;
    private readonly ConcurrentDictionary<string, MySqlCopy> _known = [];
    private string? _form;

    private MySqlTemplates(MySqlConnectionStringBuilder server)
    {
        _server = server;
        _maintenance = new MySqlTestServer(server);
    }

    /// <summary>Whose rights views and routines have, and which database's character set.</summary>
    public string Scope => $"{_server.UserID} {_server.Database}";

    /// <summary>The templates of a server.</summary>
    /// <exception cref="MigrationException">The connection string is wrong.</exception>
    public static MySqlTemplates On(string connectionString)
    {
        var problems = new List<string>();
        return MySqlSettings.Read(connectionString, problems) is { } settings
            ? Servers.GetOrAdd(settings.Configured.ConnectionString, _ => new MySqlTemplates(settings.Configured))
            : throw Failures.InvalidConfiguration($"the connection string of the server: {string.Join("; ", problems)}");
    }

    public async Task<TestCopy> CopyAsync(Template template, CancellationToken cancellationToken)
    {
        try
        {
            return await MakeCopyAsync(template, cancellationToken).ConfigureAwait(false);
        }
        catch (MySqlException e) when (MySqlErrors.IsDenied(e) && e.ErrorCode != MySqlErrorCode.AccessDenied)
        {
            throw Failures.InvalidConfiguration(
                $"{_server.UserID} may not make test databases on {_server.Server}: {e.Message}; "
                    + @"GRANT ALL ON `migrationhost\_%`.* TO that account");
        }
        catch (MySqlException e)
        {
            var server = string.Create(CultureInfo.InvariantCulture, $"{_server.Server}:{_server.Port}");
            throw Failures.Unreachable($"the server of the test databases, {server}, cannot be used: {MySqlErrors.MessageOf(e)}", e);
        }
    }

    private async Task<TestCopy> MakeCopyAsync(Template template, CancellationToken cancellationToken)
    {
        var source = await NameOfAsync(template, cancellationToken).ConfigureAwait(false);
        while (true)
        {
            var name = await _maintenance.NewNameAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                var copy = await KnownAsync(template, source, cancellationToken).ConfigureAwait(false);
                await _maintenance.WithAsync(connection => copy.MakeAsync(connection, name, cancellationToken), cancellationToken)
                    .ConfigureAwait(false);
                return new TestCopy(ConnectionStringOf(name), () => DropAsync(name));
            }
            catch (MySqlException gone) when (gone.ErrorCode is MySqlErrorCode.NoSuchTable or MySqlErrorCode.UnknownDatabase)
            {
                await DropAsync(name).ConfigureAwait(false);
                _known.TryRemove(source, out _);
                // Unless somebody has removed the template since it was read, it would fail again.
                if (await _maintenance.TryRememberUseAsync(source, cancellationToken).ConfigureAwait(false))
                    throw;
            }
            catch (Exception e) when (e is MySqlException or OperationCanceledException)
            {
                await DropAsync(name).ConfigureAwait(false);
                throw;
            }
        }
    }

    // Of another character set it is another template.
    private async Task<string> NameOfAsync(Template template, CancellationToken cancellationToken)
    {
        _form ??= await _maintenance.WithAsync(
            connection => connection.FormOfAsync(_server.Database, cancellationToken), cancellationToken).ConfigureAwait(false);
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{template.Key} {_form}"));
        return MySqlTestServer.TemplatePrefix + Convert.ToHexStringLower(hash, 0, 16);
    }

    private async Task<MySqlCopy> KnownAsync(Template template, string source, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(source, out var known))
            return known;
        if (!await _maintenance.TryRememberUseAsync(source, cancellationToken).ConfigureAwait(false))
            await MakeAsync(template, source, cancellationToken).ConfigureAwait(false);
        return await _maintenance.WithAsync(
            async connection =>
                _known.GetOrAdd(
                    source, await new MySqlTemplateReader(connection, source, cancellationToken).ReadAsync().ConfigureAwait(false)),
            cancellationToken).ConfigureAwait(false);
    }

    // It counts once it is marked: what a killed process was making has no mark, and is made anew.
    private async Task MakeAsync(Template template, string source, CancellationToken cancellationToken)
    {
        var turn = await _maintenance.TakeTurnAsync(source, cancellationToken).ConfigureAwait(false);
        await using (turn.ConfigureAwait(false))
        {
            if (await _maintenance.TryRememberUseAsync(source, cancellationToken).ConfigureAwait(false))
                return;
            await _maintenance.DropAsync(source, cancellationToken).ConfigureAwait(false);
            await _maintenance.CreateAsync(source, like: _server.Database, cancellationToken).ConfigureAwait(false);
            try
            {
                await template.MigrateAsync(ConnectionStringOf(source), cancellationToken).ConfigureAwait(false);
                await _maintenance.MarkAsync(source, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is MigrationException or OperationCanceledException)
            {
                await _maintenance.DropAsync(source, CancellationToken.None).ConfigureAwait(false);
                throw;
            }
        }
    }

    private async ValueTask DropAsync(string name)
    {
        using (var pooled = new MySqlConnection(ConnectionStringOf(name)))
            await MySqlConnection.ClearPoolAsync(pooled, CancellationToken.None).ConfigureAwait(false);
        await _maintenance.DropAsync(name, CancellationToken.None).ConfigureAwait(false);
    }

    private string ConnectionStringOf(string database) =>
        new MySqlConnectionStringBuilder(_server.ConnectionString) { Database = database }.ConnectionString;
}
