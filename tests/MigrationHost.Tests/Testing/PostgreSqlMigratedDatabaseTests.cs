using MigrationHost.Testing;
using MigrationHost.Tests.Support;
using Npgsql;

namespace MigrationHost.Tests.Testing;

/// <summary>Test databases on a PostgreSQL server.</summary>
[Collection(PostgreSqlCluster.ForRuns)]
public sealed class PostgreSqlMigratedDatabaseTests(PostgreSqlCluster cluster) : MigratedDatabaseContract
{
    protected override IEnumerable<string> Server => [nameof(DatabaseProvider.PostgreSql), cluster.Server.ConnectionString];

    [Fact]
    public async Task A_test_that_leaves_connections_open_keeps_nothing_from_being_removed()
    {
        var database = await CreateAsync();
        await using var left = new NpgsqlConnection(database.ConnectionString);
        await left.OpenAsync();

        await database.DisposeAsync();
        await database.DisposeAsync();

        Assert.False(await ExistsAsync(database.ConnectionString));
    }

    [Fact]
    public async Task A_server_that_does_not_answer_and_a_user_who_may_not_are_told()
    {
        var nobody = await Assert.ThrowsAsync<MigrationException>(
            () => MigratedDatabase.CreateAsync(Migrations, DatabaseProvider.PostgreSql, "Host=127.0.0.1;Port=1;Username=app;Password=secret"));
        Assert.Equal(3, nobody.Error.ExitCode);
        Assert.Contains("127.0.0.1:1, does not answer", nobody.Message, StringComparison.Ordinal);

        var role = $"role_{Guid.NewGuid():N}";
        await ScalarAsync(cluster.Server.ConnectionString, $"CREATE ROLE {role} LOGIN");
        try
        {
            var server = new NpgsqlConnectionStringBuilder(cluster.Server.ConnectionString) { Username = role, Pooling = false };
            var refused = await Assert.ThrowsAsync<MigrationException>(
                () => MigratedDatabase.CreateAsync(Migrations, DatabaseProvider.PostgreSql, server.ConnectionString));
            Assert.Contains($"ALTER ROLE {role} CREATEDB", refused.Message, StringComparison.Ordinal);
        }
        finally
        {
            await ScalarAsync(cluster.Server.ConnectionString, $"DROP ROLE {role}");
        }
    }

    public override Task<MigratedDatabase> CreateAsync() =>
        MigratedDatabase.CreateAsync(Migrations, DatabaseProvider.PostgreSql, cluster.Server.ConnectionString);

    public override Task<string> RunAsync(MigratedDatabase database, string sql) => ScalarAsync(database.ConnectionString, sql);

    protected override async Task<bool> ExistsAsync(string connectionString) => await ScalarAsync(
        cluster.Server.ConnectionString,
        $"SELECT count(*) FROM pg_database WHERE datname = '{new NpgsqlConnectionStringBuilder(connectionString).Database}'") == "1";

    private static async Task<string> ScalarAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return $"{await command.ExecuteScalarAsync()}";
    }
}
