using System.Text.RegularExpressions;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Tools;

/// <summary>bench/run works. No time is asserted.</summary>
public sealed partial class BenchTests
{
    private static readonly string[] Tools = ["MigrationHost", "its shell, one in all", "EF Core 10", "DbUp 6", "FluentMigrator 8", "Evolve 3"];

    [Fact]
    public Task The_same_set_runs_with_every_tool() => PrintsTablesAsync("SQLite", new Dictionary<string, string?>());

    /// <summary>Compares the tools on one database, which the variables name.</summary>
    internal static async Task PrintsTablesAsync(string title, Dictionary<string, string?> server)
    {
        var environment = new Dictionary<string, string?>(server)
        {
            ["MIGRATIONHOST_PROGRAM"] = MigrationHostProgram.Path,
            ["BENCH_PEERS"] = MigrationHostProgram.Peers,
            ["BENCH_TOOLS"] = Path.Combine(MigrationHostProgram.Repository, "tests", "tools"),
        };
        string[] arguments = ["peers", "2", "1", title.ToLowerInvariant()];
        await using var bench = new RunningProgram(MigrationHostProgram.Bench, arguments, environment: environment);
        bench.CloseInput();

        Assert.True(await bench.ExitAsync() == 0, bench.All);
        foreach (var tool in Tools)
            Assert.Contains($"| {tool} | ", bench.Output, StringComparison.Ordinal);
        Assert.Equal(2, Title().Count(bench.Output));
        Assert.Contains($"| {title}, in a host | 2 | nothing to do of 2 |", bench.Output, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^\| \w+, (whole process|in a host) \|", RegexOptions.Multiline)]
    private static partial Regex Title();
}
