using System.Globalization;
using MigrationHost.Scripts;

namespace MigrationHost.Databases.Sqlite;

/// <summary>SQLite's types. It has none for times: ours is text that sorts as the time does.</summary>
internal sealed class SqliteDialect : SqlDialect
{
    public static readonly SqliteDialect Instance = new();

    private const string TimeForm = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    public override SqlSyntax Syntax => SqlSyntax.Sqlite;

    public override string Text => "TEXT";

    public override string Long => "INTEGER";

    public override string Integer => "INTEGER";

    public override string Time => "TEXT";

    /// <remarks>Only PRAGMA, ATTACH, DETACH and VACUUM cannot run in a transaction, and these can be repeated.</remarks>
    public override bool RecordsWhatBegins => false;

    public override T By<T>(T sqlite, T postgreSql, T mySql) => sqlite;

    public override object ToValue(DateTimeOffset time) => time.UtcDateTime.ToString(TimeForm, CultureInfo.InvariantCulture);

    public override DateTimeOffset? ToTime(object? value) =>
        DateTimeOffset.TryParseExact(value as string, TimeForm, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : null;
}
