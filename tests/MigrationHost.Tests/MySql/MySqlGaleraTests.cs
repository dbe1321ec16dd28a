using System.Globalization;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.MySql;

/// <summary>A cluster of one node, by the library that comes with the server.</summary>
[Collection(MariaDbServer.Collection)]
public sealed class MySqlGaleraTests
{
    [Fact]
    public async Task A_node_of_a_cluster_is_migrated_and_one_that_is_out_of_it_is_waited_for()
    {
        var node = new Node();
        try
        {
            await node.InitializeAsync();
            await using var database = new MySqlTestDatabase(node);
            database.Migration("1_create", "CREATE TABLE a (id INTEGER PRIMARY KEY);\nINSERT INTO a VALUES (1);\nALTER TABLE a ADD COLUMN x INTEGER;");
            await using var host = database.Host();
            await node.QueryAsync("SET GLOBAL wsrep_reject_queries = ALL");
            var run = host.MigrateAsync();

            await host.StatusAsync(status => status.WaitingFor?.What.Contains("WSREP has not yet prepared node", StringComparison.Ordinal) is true);
            await node.QueryAsync("SET GLOBAL wsrep_reject_queries = NONE");
            Assert.Null(await run);

            await node.QueryAsync("SET GLOBAL wsrep_mode = REQUIRED_PRIMARY_KEY");
            database.Migration("2_keyless", "CREATE TABLE b (id INTEGER);");
            await using var strict = database.Host();
            var error = await strict.MigrateAsync();
            Assert.Equal((MigrationErrorCode.MigrationFailed, 1), (error?.Code, error?.Line));
            Assert.Contains("a table needs a primary key", error!.Hint, StringComparison.Ordinal);
        }
        finally
        {
            await node.DisposeAsync();
        }
    }

    private sealed class Node() : MariaDbServer(Options(FreePort().ToString(CultureInfo.InvariantCulture)))
    {
        private static string[] Options(string port) =>
        [
            "--binlog-format=ROW", "--innodb-autoinc-lock-mode=2", "--wsrep-on=ON", "--wsrep-provider=/usr/lib/galera/libgalera_smm.so",
            "--wsrep-cluster-address=gcomm://", "--wsrep-new-cluster", $"--wsrep-node-address=127.0.0.1:{port}",
            $"--wsrep-provider-options=base_port={port};gmcast.listen_addr=tcp://127.0.0.1:{port};gcache.size=8M",
        ];
    }
}
