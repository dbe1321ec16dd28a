namespace MigrationHost.Tests.Support;

/// <summary>The server of the contract tests: it sees everything with performance_schema, counts as far in a recursion as others do, and
/// refuses to change rows that no key leads to: a tool's history must be kept there, too.</summary>
public sealed class MariaDbForRuns() : MariaDbServer(
    ["--performance-schema=ON", "--sql-safe-updates=ON", "--performance-schema-instrument=wait/lock/metadata/sql/mdl=ON", "--max-recursive-iterations=4294967295"])
{
    public new const string Collection = "MariaDb runs";
}

/// <summary>A server for each collection.</summary>
[CollectionDefinition(MariaDbForRuns.Collection)]
public sealed class MariaDbRunTests : ICollectionFixture<MariaDbForRuns>;

/// <inheritdoc cref="MariaDbRunTests"/>
[CollectionDefinition(MariaDbServer.Collection)]
public sealed class MariaDbTests : ICollectionFixture<MariaDbServer>;
