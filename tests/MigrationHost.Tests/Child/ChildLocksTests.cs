using System.Globalization;
using System.Text.Json;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Child;

/// <summary>What a child of ours holds is held by us: its host does not name it, everybody else sees it.</summary>
public sealed class SqliteChildLocksTests
{
    [Fact]
    public async Task Our_own_child_is_a_holder_to_others_and_not_to_its_host()
    {
        await using var database = new SqliteTestDatabase();
        var (child, pids) = await ChildLocks.HoldersAsync(database);
        Assert.Contains(child, pids);
    }
}

/// <inheritdoc cref="SqliteChildLocksTests"/>
[Collection(PostgreSqlCluster.Collection)]
public sealed class PostgreSqlChildLocksTests(PostgreSqlCluster cluster)
{
    [Fact]
    public async Task Our_own_child_is_a_holder_to_others_and_not_to_its_host()
    {
        await using var database = new PostgreSqlTestDatabase(cluster);
        var (_, pids) = await ChildLocks.HoldersAsync(database);
        Assert.NotEmpty(pids);
    }
}

internal static class ChildLocks
{
    /// <summary>The child's pid and the pids of the holders that a second process sees, while the host sees none.</summary>
    public static async Task<(int Child, IReadOnlyList<int> Pids)> HoldersAsync(TestDatabase database)
    {
        database.Migration("1_create_users", "CREATE TABLE users (id INTEGER);");
        database.Migration("2_slow", $"INSERT INTO users VALUES (1); {database.Endless}");
        await using var host = database.Host(("Databases:app:Isolation", "ChildProcess"));
        using var stop = new CancellationTokenSource();
        var run = host.MigrateAsync(stop.Token);
        await Eventually.BecomesTrueAsync(() => host.Status is { AppliedCount: 1, Running: { Version: "2", Statement: 2 } }, () => $"{host.Status}");
        var child = int.Parse(host.Status.Applied[0].AppliedBy!.Split(':')[1], CultureInfo.InvariantCulture);

        var report = (await host.DiagnoseAsync()).Report;
        Assert.Empty(report.Holders);
        Assert.Empty(report.Waiters);
        var (code, output, errors) = await MigrationHostProgram.RunAsync(database.Folder.Path, ["locks", "--json", .. database.Arguments()]);
        Assert.True(code == 11, output + errors);

        await stop.CancelAsync();
        Assert.Equal(MigrationErrorCode.Interrupted, (await run)!.Code);
        return (child, [.. JsonDocument.Parse(output).RootElement[0].GetProperty("holders").EnumerateArray().Select(holder => holder.GetProperty("pid").GetInt32())]);
    }
}
