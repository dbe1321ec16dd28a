namespace MigrationHost.Scripts;

/// <summary>The little that the engine has to know of SQL text itself: where the next token begins.</summary>
internal static class SqlText
{
    /// <summary>
    /// How many bytes of white space and comments stand before the next token, and of empty statements unless these count.
    /// </summary>
    public static int BlankLength(ReadOnlySpan<byte> sql, bool emptyStatements = true)
    {
        var at = 0;
        while (at < sql.Length)
        {
            var rest = sql[at..];
            if (rest[0] is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r' or (byte)'\f' || emptyStatements && rest[0] == ';')
                at++;
            else if (rest.StartsWith("--"u8))
                at += rest.IndexOf((byte)'\n') is var end and >= 0 ? end + 1 : rest.Length;
            else if (rest.StartsWith("/*"u8))
                at += rest[2..].IndexOf("*/"u8) is var close and >= 0 ? close + 4 : rest.Length;
            else
                return at;
        }
        return at;
    }

    /// <summary>Whether there is nothing in it but white space.</summary>
    public static bool IsBlank(ReadOnlySpan<byte> sql) => sql.TrimStart(" \t\n\r\f"u8).IsEmpty;

    /// <summary>Whether the text begins with this keyword, in any case.</summary>
    public static bool BeginsWith(ReadOnlySpan<byte> sql, string keyword) =>
        sql.Length >= keyword.Length
        && System.Text.Ascii.EqualsIgnoreCase(sql[..keyword.Length], keyword)
        && (sql.Length == keyword.Length || !char.IsAsciiLetterOrDigit((char)sql[keyword.Length]) && sql[keyword.Length] != '_');

    /// <summary>A statement shortened for a message: one line, at most 120 characters.</summary>
    public static string Excerpt(ReadOnlySpan<byte> sql)
    {
        const int longest = 120;
        var text = System.Text.Encoding.UTF8.GetString(sql.Length > 4 * longest ? sql[..(4 * longest)] : sql);
        var line = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length <= longest ? line : line[..longest] + "…";
    }
}
