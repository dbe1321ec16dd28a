using System.Data.Common;
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

    [Fact]
    public async Task A_database_that_only_looks_like_one_of_ours_stays()
    {
        string[] others = ["migrationhost_test_shop", "migrationhost_test_7_shop", "migrationhost_template_shop"];
        const string configured = "migrationhost_test_7_1";
        foreach (var name in others.Append(configured))
            await ScalarAsync(cluster.Server.ConnectionString, $"CREATE DATABASE {name}");
        await ScalarAsync(cluster.Server.ConnectionString, "COMMENT ON DATABASE migrationhost_template_shop IS '2020-01-01'");
        var server = new NpgsqlConnectionStringBuilder(cluster.Server.ConnectionString) { Database = configured };
        await using (var database = await MigratedDatabase.CreateAsync(Migrations, DatabaseProvider.PostgreSql, server.ConnectionString))
            Assert.Equal("0", await RunAsync(database, "SELECT count(*) FROM users"));

        foreach (var name in others.Append(configured))
            await ScalarAsync(cluster.Server.ConnectionString, $"DROP DATABASE {name}");
    }

    public override Task<MigratedDatabase> CreateAsync() =>
        MigratedDatabase.CreateAsync(Migrations, DatabaseProvider.PostgreSql, cluster.Server.ConnectionString);

    protected override DbConnection Connect(string connectionString) => new NpgsqlConnection(connectionString);

    protected override async Task<bool> ExistsAsync(string connectionString) => await ScalarAsync(
        cluster.Server.ConnectionString,
        $"SELECT count(*) FROM pg_database WHERE datname = '{new NpgsqlConnectionStringBuilder(connectionString).Database}'") == "1";
}
