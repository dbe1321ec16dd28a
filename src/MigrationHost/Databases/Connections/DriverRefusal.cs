using System.Security.Cryptography;

namespace MigrationHost.Databases.Connections;

/// <summary>What a driver does not take of a connection string, and says only when it connects, with an exception of .NET.</summary>
internal static class DriverRefusal
{
    public static bool Is(Exception e) => e is ArgumentException or FormatException or CryptographicException or NotSupportedException
        or FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException;

    /// <param name="target">The database, in words.</param>
    /// <param name="e">What the driver said. Its texts may quote a value.</param>
    public static MigrationException Of(string target, Exception e) => new(
        new MigrationError
        {
            Code = MigrationErrorCode.DatabaseUnreachable,
            Message = $"{target}: the driver cannot use the connection string{Why(e)}",
            Hint = "Correct it: a certificate and its key must be files that can be read and belong together, an encrypted key needs its "
                + "password, and numbers and lists must be ones that the driver takes.",
        },
        e);

    private static string Why(Exception e) => e switch
    {
        CryptographicException => $": {e.Message.TrimEnd('.')}",
        ArgumentException { ParamName: { Length: > 0 } name } => $": {name} has a value that it does not take",
        _ => "",
    };
}
