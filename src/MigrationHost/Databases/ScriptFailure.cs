using MigrationHost.Scripts;

namespace MigrationHost.Databases;

/// <summary>The errors of a script, the same for every kind of database.</summary>
internal static class ScriptFailure
{
    /// <summary>A database's error may quote a value of many megabytes, which would be in every log line and answer.</summary>
    private const int LongestMessage = 2000;

    /// <summary>A failure of the script as a whole.</summary>
    public static MigrationError Of(Migration script, string message, string? hint) => new()
    {
        Code = MigrationErrorCode.MigrationFailed,
        Message = $"{script.File}: {Shortened(message)}",
        Version = script.Version.ToString(),
        File = script.File,
        Hint = hint,
    };

    /// <summary>A failure of one of its statements.</summary>
    /// <param name="script">The script.</param>
    /// <param name="line">The line in it.</param>
    /// <param name="statement">The statement.</param>
    /// <param name="message">What is wrong, without the words of the statement.</param>
    /// <param name="hint">What to do.</param>
    /// <param name="verbatim">The message as the database has given it, if it quotes more than that.</param>
    public static MigrationError At(
        Migration script, int line, ReadOnlySpan<byte> statement, string message, string? hint, string? verbatim = null) =>
        Of(script, message, hint) with
    {
        Message = $"{script.At(line)}: {Shortened(message)}",
        Verbatim = verbatim is null || verbatim == message ? null : $"{script.At(line)}: {Shortened(verbatim)}",
        Line = script.Generated?.Place(line).Line ?? line,
        Statement = SqlText.Excerpt(statement),
    };

    // What a message ends with says as much as what it begins with: the detail of a server, or what was expected.
    private static string Shortened(string message) => message.Length <= LongestMessage ? message
        : $"{message[..Between(message, LongestMessage / 2)]} … {message[Between(message, message.Length - LongestMessage / 4)..]}";

    // Not between the two halves of one character.
    private static int Between(string text, int at) => char.IsLowSurrogate(text[at]) ? at - 1 : at;
}
