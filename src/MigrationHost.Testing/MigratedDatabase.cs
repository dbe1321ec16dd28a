using MigrationHost.Engines;
using Microsoft.Extensions.Configuration;

namespace MigrationHost.Testing;

/// <summary>A migrated database that belongs to one test, and is gone when that disposes it.</summary>
/// <remarks>
/// The migrations run once for each state of their files, into a template that later test runs use too. Every test gets a copy of it.
/// Any number of tests and processes may create databases at once. What a killed run has left, a later run removes.
/// </remarks>
public sealed class MigratedDatabase : IAsyncDisposable
{
    private readonly TestCopy _copy;

    private MigratedDatabase(DatabaseProvider provider, TestCopy copy) => (Provider, _copy) = (provider, copy);

    /// <summary>The connection string of this database, for the application under test.</summary>
    public string ConnectionString => _copy.ConnectionString;

    /// <summary>The kind of database.</summary>
    public DatabaseProvider Provider { get; }

    /// <summary>Creates an SQLite database, a file in the system's temporary folder.</summary>
    /// <param name="migrations">The folder of the migrations, relative to the current directory or else to the folder of the test
    /// assembly; or <c>embedded:</c> with the prefix of the resources' names.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="MigrationException">There are no such migrations, or one of them fails: with message, file and line.</exception>
    public static Task<MigratedDatabase> CreateAsync(string migrations, CancellationToken cancellationToken = default) =>
        CreateAsync(migrations, new SqliteTemplates(), cancellationToken);

    /// <summary>Creates an SQLite database in memory. It lives as long as this object, and every connection of this process sees
    /// it.</summary>
    /// <remarks>Its locks are those of a shared cache: a reader can be refused with SQLITE_LOCKED while another connection
    /// writes.</remarks>
    /// <inheritdoc cref="CreateAsync(string, CancellationToken)"/>
    public static Task<MigratedDatabase> CreateInMemoryAsync(string migrations, CancellationToken cancellationToken = default) =>
        CreateAsync(migrations, new SqliteMemory(), cancellationToken);

    /// <summary>Creates a database on a server.</summary>
    /// <param name="migrations">The folder of the migrations, as for SQLite.</param>
    /// <param name="provider">The kind of server.</param>
    /// <param name="serverConnectionString">How to connect to it, in any form that the setting <c>ConnectionString</c> takes. The user
    /// must have the right to create databases. A database that it names stays as it is; on MariaDB and MySQL its character set is
    /// taken, or utf8mb4 if it is not there.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="MigrationException">As for SQLite, or the server does not answer, or refuses.</exception>
    public static Task<MigratedDatabase> CreateAsync(
        string migrations, DatabaseProvider provider, string serverConnectionString, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(migrations);
        ArgumentException.ThrowIfNullOrWhiteSpace(serverConnectionString);
        var options = new DatabaseOptions { Migrations = migrations, Provider = provider, ConnectionString = serverConnectionString };
        return CreateAsync(options, KnownTemplates.For(options), cancellationToken);
    }

    /// <summary>Creates a database as an entry of the application's settings describes it: its migrations, layout, placeholders, provider
    /// and server. The database that its connection string names stays as it is.</summary>
    /// <param name="configuration">The settings, with the section <c>MigrationHost</c>.</param>
    /// <param name="database">The name of the entry.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="MigrationException">As for a server, or the settings are wrong, or the entry's engine is not
    /// <c>Sql</c>.</exception>
    public static Task<MigratedDatabase> CreateAsync(
        IConfiguration configuration, string database, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentException.ThrowIfNullOrWhiteSpace(database);
        var options = ConfiguredDatabase.Read(configuration, database);
        return CreateAsync(options, KnownTemplates.For(options), cancellationToken);
    }

    /// <summary>Removes the database, and ends what is still connected to it.</summary>
    public ValueTask DisposeAsync() => _copy.DropAsync();

    private static Task<MigratedDatabase> CreateAsync(string migrations, ITemplates templates, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(migrations);
        return CreateAsync(
            new DatabaseOptions { Migrations = migrations, Provider = DatabaseProvider.Sqlite }, templates, cancellationToken);
    }

    private static async Task<MigratedDatabase> CreateAsync(
        DatabaseOptions options, ITemplates templates, CancellationToken cancellationToken)
    {
        var contentRoot = Directory.GetCurrentDirectory();
        if (MigrationsSetting.Problem(options.Migrations, contentRoot) is { } problem)
            throw Failures.InvalidConfiguration($"Migrations: {problem}");
        var key = TemplateKey.Of(options, MigrationsSetting.FilesOf(options.Migrations, contentRoot), templates.Scope);
        var template = new Template(key, (connection, stop) => TemplateRun.RunAsync(options, connection, contentRoot, stop));
        return new MigratedDatabase(
            options.Provider!.Value, await templates.CopyAsync(template, cancellationToken).ConfigureAwait(false));
    }
}
