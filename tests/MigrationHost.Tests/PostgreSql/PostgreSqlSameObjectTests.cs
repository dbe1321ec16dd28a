using MigrationHost.Databases.PostgreSql;
using MigrationHost.Tests.Support;
using Npgsql;

namespace MigrationHost.Tests.PostgreSql;

/// <summary>Two sessions that create or change the same object at the same moment, as tenants do that start at once: the server fails the
/// second one, once the first has committed.</summary>
[Collection(PostgreSqlCluster.Collection)]
public sealed class PostgreSqlSameObjectTests(PostgreSqlCluster cluster)
{
    [Theory]
    [InlineData("CREATE OR REPLACE FUNCTION f() RETURNS integer LANGUAGE sql AS 'SELECT 1';", "")]
    [InlineData("CREATE OR REPLACE FUNCTION f() RETURNS integer LANGUAGE sql AS 'SELECT 1';", "-- migrationhost: transaction=none\n")]
    [InlineData("CREATE SCHEMA IF NOT EXISTS shared;", "")]
    [InlineData("CREATE TABLE IF NOT EXISTS t (id integer);", "-- migrationhost: transaction=none\n")]
    [InlineData("ALTER DATABASE \"{database}\" SET work_mem = '5MB';", "")]
    [InlineData("GRANT USAGE ON SCHEMA public TO PUBLIC;", "")]
    public async Task What_another_session_has_just_made_is_met_once_more(string sql, string header)
    {
        await using var database = new PostgreSqlTestDatabase(cluster);
        sql = sql.Replace("{database}", database.Name, StringComparison.Ordinal);
        database.Migration("1_shared", $"{header}{sql}");
        await using var other = await database.OpenAsync();
        await RunAsync(other, "BEGIN");
        await RunAsync(other, sql);
        await using var host = database.Host(("Timeouts:LockAttempt", "00:00:30"));
        var run = host.MigrateAsync();
        await Eventually.BecomesTrueAsync(
            async () => await database.QueryAsync(
                $"SELECT count(*) FROM pg_stat_activity WHERE datname = '{database.Name}' AND {other.ProcessID} = ANY (pg_blocking_pids(pid))") == "1",
            () => host.Status.ToString());

        await RunAsync(other, "COMMIT");

        Assert.Null(await run);
        Assert.Equal("1", await database.QueryAsync("SELECT count(*) FROM migrationhost_history"));
    }

    [Fact]
    public void A_session_that_somebody_cancels_while_it_is_set_up_is_set_up_again()
    {
        var cancelled = new PostgresException("canceling statement due to user request", "ERROR", "ERROR", PostgresErrorCodes.QueryCanceled);

        Assert.Equal("db:5432/app to answer", PostgreSqlErrors.NotUpYet("db:5432/app", cancelled)?.What);
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
