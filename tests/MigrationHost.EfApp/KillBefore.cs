using System.Data.Common;
using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;
using SQLitePCL;

namespace MigrationHost.EfApp;

/// <summary>Ends this process with SIGKILL before the statement of a number, counted over all connections of SQLite. What only reads does
/// not count.</summary>
internal sealed class KillBefore : DbConnectionInterceptor
{
    private static readonly string[] Counted = ["BEGIN", "COMMIT", "INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "ALTER"];

    private readonly int _number;
    private int _seen;

    private KillBefore(int number) => _number = number;

    public static IInterceptor[] Statement(IConfiguration configuration) =>
        configuration.GetValue<int?>("KillBefore") is { } number ? [new KillBefore(number)] : [];

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData) => Trace(connection);

    public override Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        Trace(connection);
        return Task.CompletedTask;
    }

    private void Trace(DbConnection connection)
    {
        if (connection is SqliteConnection sqlite)
            raw.sqlite3_trace(sqlite.Handle, Count, null);
    }

    private void Count(object user, string statement)
    {
        if (Array.Exists(Counted, word => statement.StartsWith(word, StringComparison.Ordinal)) && Interlocked.Increment(ref _seen) == _number)
            Process.GetCurrentProcess().Kill();
    }
}
