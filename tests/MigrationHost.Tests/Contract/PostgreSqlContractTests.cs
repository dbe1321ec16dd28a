using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Contract;

[Collection(PostgreSqlCluster.ForRuns)]
public sealed class PostgreSqlContractTests(PostgreSqlCluster cluster) : DatabaseContract
{
    private protected override TestDatabase CreateDatabase() => new PostgreSqlTestDatabase(cluster);
}
