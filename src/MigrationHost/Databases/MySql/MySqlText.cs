using System.Globalization;
using System.Text;
using MigrationHost.Scripts;

namespace MigrationHost.Databases.MySql;

/// <summary>
/// Writes values into SQL. Text is written in hexadecimal: what a backslash means depends on a sql_mode that scripts change.
/// </summary>
internal static class MySqlText
{
    /// <summary>A command with its values in place of <c>$1</c>, <c>$2</c> and so on.</summary>
    public static string Of(SqlCommand command) => command.Filled(Literal);

    public static string Literal(object? value) => value switch
    {
        null => "NULL",
        "" => "''",
        string text => $"_utf8mb4 0x{Convert.ToHexString(Encoding.UTF8.GetBytes(text))}",
        bool flag => flag ? "TRUE" : "FALSE",
        byte[] { Length: 0 } => "''",
        byte[] bytes => $"0x{Convert.ToHexString(bytes)}",
        DateTime time => string.Create(CultureInfo.InvariantCulture, $"'{time:yyyy-MM-dd HH:mm:ss.fff}'"),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new NotSupportedException(value.GetType().Name),
    };
}
