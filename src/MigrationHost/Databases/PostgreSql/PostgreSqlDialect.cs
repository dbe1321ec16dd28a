using MigrationHost.Scripts;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>PostgreSQL's types.</summary>
internal sealed class PostgreSqlDialect : SqlDialect
{
    public static readonly PostgreSqlDialect Instance = new();

    public override SqlSyntax Syntax => SqlSyntax.PostgreSql;

    public override string Text => "text";

    public override string Long => "bigint";

    public override string Integer => "integer";

    public override string Time => "timestamptz";

    public override bool RecordsWhatBegins => true;

    public override T By<T>(T sqlite, T postgreSql, T mySql) => postgreSql;

    public override object ToValue(DateTimeOffset time) => time.UtcDateTime;

    public override DateTimeOffset? ToTime(object? value) =>
        value is DateTime time ? new DateTimeOffset(DateTime.SpecifyKind(time, DateTimeKind.Utc)) : null;
}
