namespace MigrationHost.Databases.MySql;

/// <summary>What a look at a connection at work has found.</summary>
/// <param name="IsThere">Whether the server still has the connection.</param>
/// <param name="Waits">The lock it waits for, in words; null if it does not.</param>
/// <param name="Activity">What it does, in words.</param>
/// <param name="GetsOn">Whether there is evidence that it got on since the last look.</param>
/// <param name="IsIdle">Whether it runs nothing: it has answered.</param>
internal readonly record struct MySqlWorkSeen(
    bool IsThere,
    string? Waits = null,
    string? Activity = null,
    bool GetsOn = false,
    bool IsIdle = false);
