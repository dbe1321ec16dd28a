using System.Globalization;
using MigrationHost.Databases.PostgreSql;
using MigrationHost.Databases.Sqlite;
using MigrationHost.Platform;
using Npgsql;

namespace MigrationHost.Engines.Alembic;

/// <summary>The database that is configured for MigrationHost, to be compared with the one that Alembic will use.</summary>
internal sealed class AlembicOwnDatabase
{
    private const int PostgreSqlPort = 5432;

    private readonly Func<AlembicAddress, string, bool, bool> _isSame;
    private readonly string _name;

    private AlembicOwnDatabase(string name, Func<AlembicAddress, string, bool, bool> isSame)
    {
        _name = name;
        _isSame = isSame;
    }

    public static AlembicOwnDatabase Of(DatabaseOptions options, string contentRoot) => options.Provider == DatabaseProvider.Sqlite
        ? Sqlite(SqliteSettings.Read(options.ConnectionString!, contentRoot, [])!.Path)
        : PostgreSql(PostgreSqlSettings.Read(options.ConnectionString!, [])!.Configured);

    public static AlembicOwnDatabase Sqlite(string path) => new($"the SQLite file {path}", (address, workingDirectory, _) =>
        address.IsSqlite && address.SqlitePath(workingDirectory) is { } other
            && (other == path || FileIdentity.Of(other) is { } identity && identity == FileIdentity.Of(path)));

    public static AlembicOwnDatabase PostgreSql(NpgsqlConnectionStringBuilder builder)
    {
        var database = builder.Database ?? builder.Username;
        return new(string.Create(CultureInfo.InvariantCulture, $"{database} on {builder.Host}:{builder.Port}"), (address, _, strictly) =>
            address.Dialect is "postgresql" or "postgres" && (string.IsNullOrEmpty(address.Database) || address.Database == database)
            && (!strictly || HostOf(address) == Local(builder.Host) && PortOf(address) == builder.Port));
    }

    /// <summary>Why an address means another database; null where it is the same, or is not known.</summary>
    /// <param name="address">The address.</param>
    /// <param name="workingDirectory">Where the tool runs.</param>
    /// <param name="strictly">Whether another host or port is another database too: it can be the same one behind another name or a
    /// pooler.</param>
    public string? Mismatch(AlembicAddress address, string workingDirectory, bool strictly) =>
        address.Dialect is null || _isSame(address, workingDirectory, strictly) ? null
            : $"Alembic's address is {address}, but this database is {_name}";

    private static string HostOf(AlembicAddress address) => Local(address.Host ?? address.Options.GetValueOrDefault("host"));

    private static int PortOf(AlembicAddress address) =>
        address.Port ?? (int.TryParse(address.Options.GetValueOrDefault("port"), CultureInfo.InvariantCulture, out var port) ? port
            : PostgreSqlPort);

    // A socket's folder is this machine as well.
    private static string Local(string? host) =>
        host is null or "" or "127.0.0.1" or "::1" || host.StartsWith('/') ? "localhost" : host.ToLowerInvariant();
}
