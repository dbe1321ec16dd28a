using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Tools;

/// <summary>The same on a server.</summary>
[Collection(PostgreSqlCluster.ForTools)]
[Trait(Torture.Trait, Torture.Category)]
public sealed class BenchOnPostgreSqlTests(PostgreSqlCluster cluster)
{
    [Fact]
    public async Task The_same_set_runs_with_every_tool()
    {
        if (!Torture.IsAsked)
            return; // SQLite's run shows that the bench works
        await BenchTests.PrintsTablesAsync("PostgreSQL", new Dictionary<string, string?>
        {
            ["PGHOST"] = cluster.Server.Host,
            ["PGPORT"] = $"{cluster.Server.Port}",
            ["PGUSER"] = cluster.Server.Username,
            ["PGDATABASE"] = "postgres",
        });
    }
}
