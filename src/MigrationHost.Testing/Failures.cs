namespace MigrationHost.Testing;

/// <summary>What can go wrong before a migration runs.</summary>
internal static class Failures
{
    public static MigrationException InvalidConfiguration(string message) =>
        new(new MigrationError { Code = MigrationErrorCode.InvalidConfiguration, Message = message });

    public static MigrationException Unreachable(string message, Exception why) =>
        new(new MigrationError { Code = MigrationErrorCode.DatabaseUnreachable, Message = message }, why);
}
