namespace MigrationHost.Scripts;

/// <summary>How a database writes what every history needs.</summary>
internal abstract class SqlDialect
{
    private static readonly string[] Parameters = [.. Enumerable.Range(1, 32).Select(i => $"${i}")];

    /// <summary>How its SQL is read.</summary>
    public abstract SqlSyntax Syntax { get; }

    /// <summary>What something is by the kind of database: of these the one for this kind.</summary>
    public abstract T By<T>(T sqlite, T postgreSql, T mySql);

    /// <summary>The type of a column with text that can be a key.</summary>
    public abstract string Text { get; }

    /// <summary>The type of a column with a whole number of 64 bits.</summary>
    public abstract string Long { get; }

    /// <summary>The type of a column with a whole number of 32 bits.</summary>
    public abstract string Integer { get; }

    /// <summary>The type of a column with a time in UTC.</summary>
    public abstract string Time { get; }

    /// <summary>Whether a statement can be done although that is not recorded, so that what was begun has to be recorded too.</summary>
    public abstract bool RecordsWhatBegins { get; }

    /// <summary>What our own tables need to be said at their end, with a blank before it.</summary>
    public virtual string TableOptions => "";

    /// <summary>A time as a value for a column of the type <see cref="Time"/>.</summary>
    public abstract object ToValue(DateTimeOffset time);

    /// <summary>The time that a column of the type <see cref="Time"/> has; null if it has none that can be read.</summary>
    public abstract DateTimeOffset? ToTime(object? value);

    /// <summary>Writes a new row.</summary>
    /// <param name="table">The table's quoted name.</param>
    /// <param name="columns">All columns; <c>$1</c> and so on are their values.</param>
    public static string Insert(string table, IReadOnlyList<string> columns) =>
        $"INSERT INTO {table} ({string.Join(", ", columns)}) VALUES ({string.Join(", ", Parameters.AsSpan(0, columns.Count))})";

    /// <summary>Writes a row in place of the one with the same key.</summary>
    /// <param name="table">The table's quoted name.</param>
    /// <param name="key">The column that is the key.</param>
    /// <param name="columns">All columns, the key among them; <c>$1</c> and so on are their values.</param>
    public virtual string Upsert(string table, string key, IReadOnlyList<string> columns) =>
        $"""
        {Insert(table, columns)}
        ON CONFLICT ({key})
        DO UPDATE SET {string.Join(", ", columns.Where(column => column != key).Select(column => $"{column} = excluded.{column}"))}
        """;
}
