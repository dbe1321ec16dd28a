using System.Data.Common;
using Microsoft.Data.Sqlite;
using MigrationHost.Tests.Support;
using MySqlConnector;
using Npgsql;

namespace MigrationHost.Tests.Layouts;

/// <summary>Flyway's rules for names, order and placeholders, against a real tool that follows them. Its history is another.</summary>
public abstract class EvolveTests
{
    private const string Log = "CREATE TABLE log (n integer, name text);";

    private protected abstract Task<TestDatabase> CreateAsync();

    private protected abstract DbConnection Connect(TestDatabase database);

    [Fact]
    public async Task The_same_files_run_in_the_same_order_with_the_same_text()
    {
        await using var database = await CreateAsync();
        string[] names = ["V2__b", "V10__e", "V1_2__a", "V2.0.1__c", "more/V2_1__d", "R__z_view", "R__a_view"];
        database.Folder.Write("migrations/V1__log.sql", Log);
        foreach (var name in names)
        {
            database.Folder.Write(
                $"migrations/{name}.sql",
                $"INSERT INTO log SELECT count(*), '${{who}} {Path.GetFileName(name)}' FROM log;\n");
        }
        database.Folder.Write("migrations/README.md", "");

        await using (var connection = Connect(database))
        {
            var evolve = new EvolveDb.Evolve(connection)
            {
                Locations = [database.Folder["migrations"]],
                Placeholders = new() { ["${who}"] = "we" },
            };
            evolve.Migrate();
        }
        var expected = await database.QueryAsync("SELECT n, name FROM log ORDER BY n");
        Assert.Equal(names.Length, expected.Split('\n').Length);
        await database.QueryAsync("DROP TABLE log; DROP TABLE changelog");
        await using var host = database.Host(("Databases:app:Layout", "Flyway"), ("Databases:app:Placeholders:who", "we"));

        Assert.Null(await host.MigrateAsync());

        Assert.Equal(expected, await database.QueryAsync("SELECT n, name FROM log ORDER BY n"));
    }
}

public sealed class EvolveSqliteTests : EvolveTests
{
    private protected override Task<TestDatabase> CreateAsync() => Task.FromResult<TestDatabase>(new SqliteTestDatabase());

    private protected override DbConnection Connect(TestDatabase database) =>
        new SqliteConnection($"Data Source={((SqliteTestDatabase)database).Path};Pooling=False");
}

[Collection(PostgreSqlCluster.Collection)]
public sealed class EvolvePostgreSqlTests(PostgreSqlCluster cluster) : EvolveTests
{
    private protected override Task<TestDatabase> CreateAsync() => Task.FromResult<TestDatabase>(new PostgreSqlTestDatabase(cluster));

    private protected override DbConnection Connect(TestDatabase database) =>
        new NpgsqlConnection(((PostgreSqlTestDatabase)database).ConnectionString);
}

[Collection(MariaDbForRuns.Collection)]
public sealed class EvolveMariaDbTests(MariaDbForRuns server) : EvolveTests
{
    private protected override Task<TestDatabase> CreateAsync() => Task.FromResult<TestDatabase>(new MySqlTestDatabase(server));

    private protected override DbConnection Connect(TestDatabase database) =>
        new MySqlConnection($"{((MySqlTestDatabase)database).ConnectionString};Pooling=False;AllowUserVariables=True");
}
