namespace MigrationHost.Databases.MySql;

/// <summary>A lock that our work waits for, or was refused.</summary>
/// <param name="What">What is waited for, in words.</param>
/// <param name="Statement">What waits: the names in it say for which tables.</param>
internal sealed record MySqlLockWait(string What, string Statement)
{
    public static MySqlLockWait ToRead(string what) => new($"a lock to read {what}", $"SELECT FROM {what}");
}
