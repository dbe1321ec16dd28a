using MigrationHost.Platform;

namespace MigrationHost.Engines.Alembic;

/// <summary>The database that is configured for MigrationHost, to be compared with the one that Alembic will use.</summary>
internal sealed class AlembicOwnDatabase
{
    private readonly Func<AlembicUrl, string, bool> _isSame;
    private readonly string _name;

    private AlembicOwnDatabase(string name, Func<AlembicUrl, string, bool> isSame)
    {
        _name = name;
        _isSame = isSame;
    }

    public static AlembicOwnDatabase Sqlite(string path) => new($"the SQLite file {path}", (url, workingDirectory) =>
        url.IsSqlite && url.SqlitePath(workingDirectory) is { } other && (other == path || FileIdentity.Of(other) is { } identity && identity == FileIdentity.Of(path)));

    /// <summary>Why an address means another database; null where it is the same, or is not known.</summary>
    /// <param name="url">The address.</param>
    /// <param name="workingDirectory">Where the tool runs.</param>
    public string? Mismatch(AlembicUrl? url, string workingDirectory) =>
        url is null || _isSame(url, workingDirectory) ? null : $"Alembic's address is {url}, but this database is {_name}";
}
