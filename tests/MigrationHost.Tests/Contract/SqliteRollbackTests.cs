using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Contract;

public sealed class SqliteRollbackTests : DatabaseContract
{
    private protected override TestDatabase CreateDatabase() => new SqliteTestDatabase();
}
