namespace MigrationHost.Databases.PostgreSql;

/// <summary>
/// What is sent to a server is UTF-8, as the scripts are: under another client_encoding it would be stored as other characters, without
/// an error.
/// </summary>
internal static class PostgreSqlEncoding
{
    public const string Setting = "client_encoding";

    public const string Utf8 = "UTF8";

    /// <summary>Why another encoding is not used.</summary>
    public const string Why = "migrations are UTF-8, and their text is sent as UTF-8";

    /// <summary>What to do about a script that asks for another one.</summary>
    public const string Remedy =
        "Save the file as UTF-8 and remove the statement: the server converts to the encoding of the database by itself.";

    /// <summary>
    /// Whether the server takes this name for UTF-8: it looks at letters and digits only. <see
    /// href="https://www.postgresql.org/docs/current/multibyte.html"/>
    /// </summary>
    public static bool IsUtf8(string name) => string.Concat(name.Where(char.IsAsciiLetterOrDigit)).ToUpperInvariant() is Utf8 or "UNICODE";
}
