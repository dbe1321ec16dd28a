using MigrationHost.Testing;

namespace MigrationHost.EfApp;

/// <summary>A test run that is killed in its middle: it makes databases, prints where they are, and waits.</summary>
internal static class TestDatabases
{
    public const string Command = "test-databases";

    /// <param name="count">How many, all at once.</param>
    /// <param name="migrations">The folder.</param>
    /// <param name="server">The kind of a server and how to connect to it; nothing for SQLite.</param>
    public static async Task<int> HoldAsync(int count, string migrations, string[] server)
    {
        var databases = await Task.WhenAll(Enumerable.Range(0, count).Select(_ => server is [var provider, var connectionString]
            ? MigratedDatabase.CreateAsync(migrations, Enum.Parse<DatabaseProvider>(provider), connectionString)
            : MigratedDatabase.CreateAsync(migrations)));
        foreach (var database in databases)
            Console.WriteLine(database.ConnectionString);
        Console.WriteLine("made");
        await Console.In.ReadLineAsync();
        foreach (var database in databases)
            await database.DisposeAsync();
        return 0;
    }
}
