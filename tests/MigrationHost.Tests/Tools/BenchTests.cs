using System.Text.RegularExpressions;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Tools;

/// <summary>bench/run works. No time is asserted.</summary>
[Collection(PostgreSqlCluster.ForTools)]
public sealed partial class BenchTests(PostgreSqlCluster cluster)
{
    [Fact]
    public Task The_same_set_runs_with_every_tool_on_SQLite() => PrintsTablesAsync("SQLite", "sqlite");

    [Fact]
    [Trait(Torture.Trait, Torture.Category)]
    public Task The_same_set_runs_with_every_tool_on_PostgreSQL() => PrintsTablesAsync("PostgreSQL", "postgresql");

    private async Task PrintsTablesAsync(string title, string database)
    {
        var server = cluster.Server;
        var environment = new Dictionary<string, string?>
        {
            ["PGHOST"] = server.Host,
            ["PGPORT"] = $"{server.Port}",
            ["PGUSER"] = server.Username,
            ["PGDATABASE"] = "postgres",
            ["MIGRATIONHOST_PROGRAM"] = MigrationHostProgram.Path,
            ["BENCH_PEERS"] = MigrationHostProgram.Peers,
            ["BENCH_TOOLS"] = Path.Combine(MigrationHostProgram.Repository, "tests", "tools"),
        };
        await using var bench = new RunningProgram(MigrationHostProgram.Bench, ["peers", "2", "1", database], environment: environment);
        bench.CloseInput();

        Assert.True(await bench.ExitAsync() == 0, bench.All);
        foreach (var tool in new[] { "MigrationHost", "its shell, one in all", "EF Core 10", "DbUp 6", "FluentMigrator 8", "Evolve 3" })
            Assert.Contains($"| {tool} | ", bench.Output, StringComparison.Ordinal);
        Assert.Equal(2, Title().Count(bench.Output));
        Assert.Contains($"| {title}, in a host | 2 | nothing to do of 2 |", bench.Output, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^\| \w+, (whole process|in a host) \|", RegexOptions.Multiline)]
    private static partial Regex Title();
}
