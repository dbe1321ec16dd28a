using System.Globalization;

namespace MigrationHost.Scripts;

/// <summary>A row of a history, as the database gives it.</summary>
/// <param name="dialect">How the database writes its values.</param>
/// <param name="values">The values, in the order of the form's columns.</param>
internal sealed class HistoryRow(SqlDialect dialect, object?[] values)
{
    public int Count => values.Length;

    public string Text(int column) => Convert.ToString(values[column], CultureInfo.InvariantCulture) ?? "";

    public string? OptionalText(int column) => values[column] is null ? null : Text(column);

    public long Long(int column) => Convert.ToInt64(values[column], CultureInfo.InvariantCulture);

    public int? OptionalInteger(int column) => values[column] is null ? null : (int)Long(column);

    /// <summary>The time; null if there is none that can be read.</summary>
    public DateTimeOffset? Time(int column) => dialect.ToTime(values[column]);
}
