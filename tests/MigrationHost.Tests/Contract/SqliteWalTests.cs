using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Contract;

public sealed class SqliteWalTests : DatabaseContract
{
    private protected override TestDatabase CreateDatabase() => new SqliteTestDatabase(wal: true);
}
