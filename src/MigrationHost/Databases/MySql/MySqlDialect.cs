using MigrationHost.Scripts;

namespace MigrationHost.Databases.MySql;

/// <summary>The types of MySQL and MariaDB.</summary>
internal sealed class MySqlDialect : SqlDialect
{
    public static readonly MySqlDialect Instance = new();

    public override SqlSyntax Syntax => SqlSyntax.MySql;

    /// <remarks>TEXT cannot be a key, and another collation would take R__a and R__A for one migration.</remarks>
    public override string Text => "varchar(500) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin";

    public override string Long => "bigint";

    public override string Integer => "int";

    public override string Time => "datetime(3)";

    /// <remarks>DDL commits by itself, before its record can.</remarks>
    public override bool RecordsWhatBegins => true;

    /// <remarks>In the other row formats, of which one may be the server's default, a key has 767 bytes at most.
    /// <see href="https://mariadb.com/kb/en/innodb-row-formats-overview/"/></remarks>
    public override string TableOptions => " ROW_FORMAT=DYNAMIC";

    public override T By<T>(T sqlite, T postgreSql, T mySql) => mySql;

    public override object ToValue(DateTimeOffset time) => time.UtcDateTime;

    public override DateTimeOffset? ToTime(object? value) =>
        value is DateTime time ? new DateTimeOffset(DateTime.SpecifyKind(time, DateTimeKind.Utc)) : null;

    public override string Upsert(string table, string key, IReadOnlyList<string> columns) =>
        $"""
        {Insert(table, columns)}
        ON DUPLICATE KEY UPDATE {string.Join(", ", columns.Where(column => column != key).Select(column => $"{column} = VALUES({column})"))}
        """;
}
