using MigrationHost.Hosting;

namespace MigrationHost.Testing;

/// <summary>The kinds of databases that tests can have: a line for each.</summary>
internal static class KnownTemplates
{
    private static readonly Dictionary<DatabaseProvider, Func<string, ITemplates>> All = new()
    {
        [DatabaseProvider.Sqlite] = _ => new SqliteTemplates(),
        [DatabaseProvider.PostgreSql] = PostgreSqlTemplates.On,
        [DatabaseProvider.MySql] = MySqlTemplates.On,
    };

    /// <exception cref="MigrationException">There are none for this kind of database, or the connection string is another kind's.
    /// </exception>
    public static ITemplates For(DatabaseOptions options)
    {
        var (kind, connectionString) = (options.Provider!.Value, options.ConnectionString!);
        if (!All.TryGetValue(kind, out var create))
            throw Failures.InvalidConfiguration($"test databases are served for {string.Join(", ", All.Keys)}, and not for {kind}");
        return new ProviderRegistry(KnownKinds.Providers).Refusal(connectionString, kind) is { } why
            ? throw Failures.InvalidConfiguration($"the connection string of the server: {why}")
            : create(connectionString);
    }
}
