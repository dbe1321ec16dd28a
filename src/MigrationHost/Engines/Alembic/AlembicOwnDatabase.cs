using System.Globalization;
using MigrationHost.Databases;
using MigrationHost.Platform;

namespace MigrationHost.Engines.Alembic;

/// <summary>The database that is configured for MigrationHost, to be compared with the one that Alembic will use.</summary>
internal sealed class AlembicOwnDatabase(DatabasePlace place)
{
    /// <summary>Alembic has no transaction around a revision on SQLite, and Python's driver has ways of its own.</summary>
    public bool IsSqlite => place.Schemes.Contains(AlembicAddress.Sqlite);

    /// <summary>Why an address means another database; null where it is the same, or is not known.</summary>
    /// <param name="address">The address.</param>
    /// <param name="workingDirectory">Where the tool runs.</param>
    /// <param name="strictly">Whether another host or port is another database too: it can be the same one behind another name or a
    /// pooler.</param>
    public string? Mismatch(AlembicAddress address, string workingDirectory, bool strictly) =>
        address.Dialect is null || IsSame(address, workingDirectory, strictly) ? null
            : $"Alembic's address is {address}, but this database is {place.Words}";

    private bool IsSame(AlembicAddress address, string workingDirectory, bool strictly) =>
        place.Schemes.Contains(address.Dialect)
            && (place.File is { } file ? IsFile(address.SqlitePath(workingDirectory), file) : IsOnServer(address, strictly));

    private static bool IsFile(string? other, string file) =>
        other is not null && (other == file || FileIdentity.Of(other) is { } identity && identity == FileIdentity.Of(file));

    private bool IsOnServer(AlembicAddress address, bool strictly) =>
        (string.IsNullOrEmpty(address.Database) || address.Database == place.Database)
            && (!strictly || HostOf(address) == Local(place.Host) && PortOf(address) == place.Port);

    private static string HostOf(AlembicAddress address) => Local(address.Host ?? address.Options.GetValueOrDefault("host"));

    private int? PortOf(AlembicAddress address) =>
        address.Port ?? (int.TryParse(address.Options.GetValueOrDefault("port"), CultureInfo.InvariantCulture, out var port) ? port
            : place.DefaultPort);

    // A socket's folder is this machine as well.
    private static string Local(string? host) =>
        host is null or "" or "127.0.0.1" or "::1" || host.StartsWith('/') ? "localhost" : host.ToLowerInvariant();
}
