using System.Globalization;

namespace MigrationHost.Scripts;

/// <summary>A row of a history, as the database gives it.</summary>
/// <param name="dialect">How the database writes its values.</param>
/// <param name="values">The values, in the order of the form's columns.</param>
internal sealed class HistoryRow(SqlDialect dialect, object?[] values)
{
    /// <summary>How the database writes its values.</summary>
    public SqlDialect Dialect => dialect;

    public int Count => values.Length;

    public string Text(int column) => Convert.ToString(values[column], CultureInfo.InvariantCulture) ?? "";

    public string? OptionalText(int column) => values[column] is null ? null : Text(column);

    public long Long(int column) => Convert.ToInt64(values[column], CultureInfo.InvariantCulture);

    public decimal Decimal(int column) => Convert.ToDecimal(values[column], CultureInfo.InvariantCulture);

    public int? OptionalInteger(int column) => values[column] is null ? null : (int)Long(column);

    public bool Flag(int column) => Convert.ToBoolean(values[column], CultureInfo.InvariantCulture);

    /// <summary>The bytes as a hexadecimal number.</summary>
    public string Hex(int column) => values[column] is byte[] bytes ? Convert.ToHexStringLower(bytes) : Text(column);

    /// <summary>The time; null if there is none that can be read.</summary>
    public DateTimeOffset? Time(int column) => dialect.ToTime(values[column]);

    /// <summary>The time in a form of another tool's: a time, text, or milliseconds since 1970; null if none can be read.</summary>
    public DateTimeOffset? AnyTime(int column) => values[column] switch
    {
        long milliseconds => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds),
        string text => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : null,
        var other => dialect.ToTime(other),
    };
}
