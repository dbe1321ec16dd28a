namespace MigrationHost.Databases.MySql;

/// <summary>A metadata lock.</summary>
/// <param name="Thread">The connection that has or wants it.</param>
/// <param name="Kind">What it is on.</param>
/// <param name="Mode">Its mode in the server's words, without MDL_.</param>
/// <param name="Schema">The database of what is locked.</param>
/// <param name="Name">The name of what is locked.</param>
/// <param name="Granted">Whether it is held; else it is waited for.</param>
internal sealed record MySqlHeldLock(int Thread, MySqlLockKind Kind, string Mode, string Schema, string Name, bool Granted)
{
    // https://dev.mysql.com/doc/refman/8.0/en/performance-schema-metadata-locks-table.html
    private static readonly string[] AgainstWriters =
        ["SHARED_NO_WRITE", "SHARED_READ_ONLY", "SHARED_NO_READ_WRITE", "EXCLUSIVE"];

    private static readonly string[] AgainstReaders = ["SHARED_NO_READ_WRITE", "EXCLUSIVE"];

    private static readonly string[] Writing = ["INSERT", "UPDATE", "DELETE", "REPLACE", "LOAD"];

    private static readonly string[] OnlyReading = ["SELECT", "WITH", "SHOW", "TABLE", "VALUES", "DO", "CALL", "HANDLER"];

    /// <summary>Whether it stops every writer of the server.</summary>
    public bool IsOnEverything => Kind == MySqlLockKind.Global
        && (Mode.Contains("FTWRL", StringComparison.Ordinal) || Mode.Contains("WAIT", StringComparison.Ordinal)
            || Mode.Contains("BLOCK", StringComparison.Ordinal) || Mode is "SHARED" or "EXCLUSIVE");

    public string Resource => Kind == MySqlLockKind.Global ? "all tables" : Name.Length > 0 ? Name : Schema;

    /// <summary>Whether a statement that begins with this word has to wait for it.</summary>
    public bool Stops(string firstWord) =>
        Array.Exists(OnlyReading, word => word.Equals(firstWord, StringComparison.OrdinalIgnoreCase)) ? AgainstReaders.Contains(Mode)
        : Array.Exists(Writing, word => word.Equals(firstWord, StringComparison.OrdinalIgnoreCase)) ? AgainstWriters.Contains(Mode)
        : true;
}
