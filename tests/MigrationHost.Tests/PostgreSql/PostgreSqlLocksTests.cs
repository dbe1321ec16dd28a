using System.Diagnostics;
using MigrationHost.Tests.Support;
using Npgsql;

namespace MigrationHost.Tests.PostgreSql;

/// <summary>Locks that others hold on tables, and what our waiting does to everybody else.</summary>
[Collection(PostgreSqlCluster.Collection)]
public sealed class PostgreSqlLocksTests(PostgreSqlCluster cluster)
{
    [Fact]
    public async Task While_an_alter_waits_for_a_reader_new_readers_wait_no_longer_than_one_attempt()
    {
        await using var database = await WithOrdersAsync();
        database.Migration("2_alter", "ALTER TABLE orders ADD COLUMN total int;");
        await using var reader = await database.HoldFromOutsideAsync("SELECT * FROM orders;");
        await using var host = database.Host(("Timeouts:LockAttempt", "00:00:01"), ("Timeouts:StallAfter", "00:00:00.500"));
        var run = host.MigrateAsync();
        await Eventually.BecomesTrueAsync(() => host.Status.WaitingFor is not null, () => host.Status.ToString());

        // Somebody reads all the time, for as long as the migration makes five attempts.
        await using var connection = await database.OpenAsync();
        using var machine = new BusyMachine();
        var longest = TimeSpan.Zero;
        await BusyMachine.ApartAsync(() =>
        {
            for (var waited = Stopwatch.StartNew(); waited.Elapsed < TimeSpan.FromSeconds(8);)
            {
                var began = Stopwatch.GetTimestamp();
                using var select = new NpgsqlCommand("SELECT count(*) FROM orders", connection);
                select.ExecuteScalar();
                longest = Stopwatch.GetElapsedTime(began) is var took && took > longest ? took : longest;
            }
        });

        Assert.False(run.IsCompleted);
        Assert.InRange(longest, TimeSpan.FromMilliseconds(300), TimeSpan.FromSeconds(1.5) + machine.LongestStall * 2);
        await reader.ReleaseAsync();
        Assert.Null(await run);
        await database.AssertReleasedAsync();
    }

    [Fact]
    public async Task A_wait_outside_a_transaction_counts_as_a_wait_for_a_lock()
    {
        await using var database = await WithOrdersAsync();
        database.Migration("2_index", "-- migrationhost: transaction=none\nCREATE INDEX CONCURRENTLY orders_id ON orders (id);");
        await using var writer = await database.HoldFromOutsideAsync("INSERT INTO orders VALUES (0);");
        await using (var host = database.Host(("Timeouts:Lock", "00:00:01"), ("Timeouts:LockAttempt", "00:00:00.500"), ("Timeouts:StallAfter", "00:00:00.200")))
        {
            var error = await host.MigrateAsync();
            Assert.Equal((MigrationErrorCode.Blocked, 5), (error?.Code, error?.ExitCode));
        }
        await writer.ReleaseAsync();

        // What the cancelled build has left is found, told, dropped and built again.
        await using var again = database.Host();
        Assert.Null(await again.MigrateAsync());
        Assert.Equal("t", await database.QueryAsync("SELECT indisvalid FROM pg_index WHERE indexrelid = 'orders_id'::regclass"));
        await database.AssertReleasedAsync();
    }

    [Fact]
    public async Task A_deadlock_is_tried_again()
    {
        await using var database = await WithOrdersAsync();
        await database.QueryAsync("CREATE TABLE other (id int)");
        database.Migration("2_both", "LOCK TABLE orders IN ACCESS EXCLUSIVE MODE;\nSELECT pg_sleep(0.5);\nLOCK TABLE other IN ACCESS EXCLUSIVE MODE;\nINSERT INTO orders VALUES (7);");
        await using var host = database.Host();
        await using var connection = await database.OpenAsync();
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            // The server ends whoever notices the deadlock first: here us, since the other one is patient.
            await RunAsync(connection, "SET deadlock_timeout = '60s'");
            await RunAsync(connection, "LOCK TABLE other IN ACCESS EXCLUSIVE MODE");
            var run = host.MigrateAsync();
            await Eventually.BecomesTrueAsync(() => host.Status.Running is { Statement: >= 2 }, () => host.Status.ToString());
            await RunAsync(connection, "LOCK TABLE orders IN ACCESS EXCLUSIVE MODE");
            await transaction.RollbackAsync();
            Assert.Null(await run);
        }
        Assert.Equal("1", await database.QueryAsync("SELECT count(*) FROM orders WHERE id = 7"));
        await database.AssertReleasedAsync();
    }

    [Fact]
    public async Task A_long_statement_shows_what_it_is_doing()
    {
        await using var database = await WithOrdersAsync();
        await database.QueryAsync("INSERT INTO orders SELECT generate_series(1, 10000)");
        await database.QueryAsync("CREATE FUNCTION slow(id int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.01); RETURN id; END $$");
        database.Migration("2_index", "CREATE INDEX orders_slow ON orders (slow(id));");
        await using var host = database.Host(("Timeouts:StallAfter", "00:00:00.100"));
        using var stop = new CancellationTokenSource();
        var run = host.MigrateAsync(stop.Token);

        await Eventually.BecomesTrueAsync(() => run.IsCompleted || host.Status.WaitingFor?.Activity.Contains("create index: ", StringComparison.Ordinal) == true, () => host.Status.ToString());
        Assert.False(run.IsCompleted, host.Status.ToString());
        await stop.CancelAsync();
        Assert.Equal(MigrationErrorCode.Interrupted, (await run)?.Code);
    }

    private async Task<PostgreSqlTestDatabase> WithOrdersAsync()
    {
        var database = new PostgreSqlTestDatabase(cluster);
        database.Migration("1_create", "CREATE TABLE orders (id int);\nINSERT INTO orders VALUES (1);");
        await using var host = database.Host();
        Assert.Null(await host.MigrateAsync());
        return database;
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
