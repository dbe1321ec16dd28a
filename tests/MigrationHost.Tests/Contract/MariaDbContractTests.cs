using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Contract;

[Collection(MariaDbForRuns.Collection)]
public sealed class MariaDbContractTests(MariaDbForRuns server) : DatabaseContract
{
    private protected override TestDatabase CreateDatabase() => new MySqlTestDatabase(server);
}
