using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.MySql;

/// <summary>What an account may not see on a server with performance_schema.</summary>
[Collection(MariaDbForRuns.Collection)]
public sealed class MySqlDeniedTests(MariaDbForRuns server)
{
    [Fact]
    public async Task An_account_that_may_not_read_performance_schema_is_told_the_right_that_shows_metadata_locks()
    {
        await using var database = new MySqlTestDatabase(server);
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        var account = database.CreateAccount("ALL");
        var user = account.Split("User ID=")[1].Split(';')[0];
        await server.QueryAsync($"GRANT PROCESS ON *.* TO {user}@'%'");
        await using var host = database.HostWith(account);

        var report = (await host.DiagnoseAsync()).Report;
        Assert.False(report.Complete);
        Assert.Contains($"GRANT SELECT ON performance_schema.* TO {user}", report.Note, StringComparison.Ordinal);

        await server.QueryAsync($"GRANT SELECT ON performance_schema.* TO {user}@'%'");
        Assert.True((await host.DiagnoseAsync()).Report.Complete);
    }
}
