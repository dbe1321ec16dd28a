using MigrationHost.Scripts;

namespace MigrationHost.Databases;

/// <summary>The errors of a script, the same for every kind of database.</summary>
internal static class ScriptFailure
{
    /// <summary>A failure of the script as a whole.</summary>
    public static MigrationError Of(Migration script, string message, string? hint) => new()
    {
        Code = MigrationErrorCode.MigrationFailed,
        Message = $"{script.File}: {message}",
        Version = script.Version.ToString(),
        File = script.File,
        Hint = hint,
    };

    /// <summary>A failure of one of its statements.</summary>
    public static MigrationError At(Migration script, int line, ReadOnlySpan<byte> statement, string message, string? hint) =>
        Of(script, message, hint) with
    {
        Message = $"{script.At(line)}: {message}",
        Line = script.Generated?.Place(line).Line ?? line,
        Statement = SqlText.Excerpt(statement),
    };
}
