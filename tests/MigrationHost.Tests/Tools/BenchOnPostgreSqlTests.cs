using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Tools;

/// <summary>The same on a server.</summary>
[Collection(PostgreSqlCluster.ForTools)]
[Trait(Torture.Trait, Torture.Category)]
public sealed class BenchOnPostgreSqlTests(PostgreSqlCluster cluster)
{
    [Fact]
    public Task The_same_set_runs_with_every_tool() => BenchTests.PrintsTablesAsync("PostgreSQL", new Dictionary<string, string?>
    {
        ["PGHOST"] = cluster.Server.Host,
        ["PGPORT"] = $"{cluster.Server.Port}",
        ["PGUSER"] = cluster.Server.Username,
        ["PGDATABASE"] = "postgres",
    });
}
