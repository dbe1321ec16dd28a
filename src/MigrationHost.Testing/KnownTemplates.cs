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

    /// <exception cref="MigrationException">There are none for this kind of database.</exception>
    public static ITemplates For(DatabaseOptions options) => All.TryGetValue(options.Provider!.Value, out var create)
        ? create(options.ConnectionString!)
        : throw Failures.InvalidConfiguration(
            $"test databases are served for {string.Join(", ", All.Keys)}, and not for {options.Provider}");
}
