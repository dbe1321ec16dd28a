using System.Collections.Concurrent;

namespace MigrationHost.Testing;

/// <summary>A database that is migrated once and then only copied.</summary>
/// <param name="Key">What it is made of, as lower-case hexadecimal digits: the same for the same migrations.</param>
/// <param name="Migrate">Migrates an empty database that a connection string names.</param>
internal sealed record Template(string Key, Func<string, CancellationToken, Task> Migrate)
{
    private static readonly ConcurrentDictionary<string, MigrationError> Failed = [];

    /// <summary>Migrates an empty database. What has failed for good in this process fails at once the next time: a thousand tests would
    /// each run all migrations up to the broken one.</summary>
    /// <exception cref="MigrationException">A migration fails.</exception>
    public async Task MigrateAsync(string connectionString, CancellationToken cancellationToken)
    {
        if (Failed.TryGetValue(Key, out var known))
            throw new MigrationException(known);
        try
        {
            await Migrate(connectionString, cancellationToken).ConfigureAwait(false);
        }
        catch (MigrationException e) when (e.Error is { Transient: false, Code: not MigrationErrorCode.Interrupted })
        {
            Failed[Key] = e.Error;
            throw;
        }
    }
}
