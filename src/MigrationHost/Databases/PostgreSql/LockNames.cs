using Npgsql;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>What the objects are called that the server's locks name by their numbers.</summary>
/// <remarks>Names are read from catalogs, and another session may have locked one of those: then the numbers must do.</remarks>
internal sealed class LockNames
{
    private const string Uncommitted = "an object that an uncommitted transaction has created";

    // The numbers of catalogs are fixed: https://github.com/postgres/postgres/tree/master/src/include/catalog
    private const uint Relations = 1259;
    private const uint Roles = 1260;
    private const uint Databases = 1262;

    /// <summary>pg_describe_object knows of an object that is not there since then; before, it fails.</summary>
    private static readonly Version WithMissing = new(14, 0);

    private readonly Dictionary<(uint Class, uint Id), (string? Name, string? Kind)>? _found;

    private LockNames(Dictionary<(uint, uint), (string?, string?)>? found) => _found = found;

    /// <summary>Asks for the names of all that these are about.</summary>
    public static async Task<LockNames> ReadAsync(
        PostgreSqlConnection connection,
        IEnumerable<ServerLock> locks,
        IEnumerable<ServerBackend> backends,
        CancellationToken cancellationToken)
    {
        (uint Class, uint Id)[] things = [.. locks.SelectMany(NamedBy).Concat(backends.SelectMany(NamedBy)).Distinct()];
        if (things.Length == 0)
            return new LockNames([]);
        try
        {
            var rows = await connection.QueryOftenAsync(
                Sql(connection.ServerVersion),
                row => (Thing: ((uint)row.GetInt64(0), (uint)row.GetInt64(1)), Name: row.TextAt(2), Kind: row.TextAt(3)),
                cancellationToken,
                things.Select(thing => (long)thing.Class).ToArray(),
                things.Select(thing => (long)thing.Id).ToArray()).ConfigureAwait(false);
            return new LockNames(rows.ToDictionary(row => row.Thing, row => (row.Name, row.Kind)));
        }
        catch (PostgresException refused) when (PostgreSqlErrors.IsInTheWay(refused))
        {
            return new LockNames(null);
        }
    }

    public ServerLock Named(ServerLock one)
    {
        if (_found is null)
            return one;
        if (!one.IsHere)
            return one with { Elsewhere = Find(Databases, one.Database).Name };
        if (one.Relation is { } relation)
        {
            var (name, kind) = Find(Relations, relation);
            return one with { Name = name ?? Uncommitted, IsPartOfTable = kind is "i" or "I" or "t" };
        }
        return one is { Kind: "object", Object: { } thing } ? one with { Name = NameOf(thing) } : one;
    }

    public ServerBackend Named(ServerBackend backend) => backend with
    {
        User = Find(Roles, backend.UserId).Name,
        Database = backend.IsHere ? null : Find(Databases, backend.DatabaseId).Name,
    };

    private static IEnumerable<(uint, uint)> NamedBy(ServerLock one) => one switch
    {
        { IsHere: false, Database: { } database } => [(Databases, database)],
        { Relation: { } relation } => [(Relations, relation)],
        { Kind: "object", Object: { } thing } => [thing],
        _ => [],
    };

    private static IEnumerable<(uint, uint)> NamedBy(ServerBackend backend)
    {
        if (backend.UserId is { } user)
            yield return (Roles, user);
        if (backend is { IsHere: false, DatabaseId: { } database })
            yield return (Databases, database);
    }

    private string? NameOf((uint Class, uint Id) thing) => (thing.Class, Find(thing.Class, thing.Id).Name) switch
    {
        (Roles, { } role) => $"role {role}",
        (Databases, { } database) => $"database {database}",
        (_, var name) => name ?? Uncommitted,
    };

    private (string? Name, string? Kind) Find(uint catalog, uint? id) =>
        id is { } known ? _found?.GetValueOrDefault((catalog, known)) ?? default : default;

    private static string Sql(Version server)
    {
        var other = server >= WithMissing
            ? "pg_describe_object(o.class::oid, o.id::oid, 0)"
            : "'object ' || o.id || ' of ' || o.class::oid::regclass";
        return $"""
            SELECT o.class, o.id,
                   CASE o.class
                       WHEN {Relations} THEN (SELECT oid::regclass::text FROM pg_class WHERE oid = o.id::oid)
                       WHEN {Roles} THEN (SELECT rolname::text FROM pg_roles WHERE oid = o.id::oid)
                       WHEN {Databases} THEN (SELECT datname::text FROM pg_database WHERE oid = o.id::oid)
                       ELSE {other}
                   END,
                   CASE o.class WHEN {Relations} THEN (SELECT relkind::text FROM pg_class WHERE oid = o.id::oid) END
            FROM unnest($1::bigint[], $2::bigint[]) AS o(class, id)
            """;
    }
}
