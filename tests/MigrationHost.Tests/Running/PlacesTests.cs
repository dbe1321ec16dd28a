using MigrationHost.Running;
using MigrationHost.Tests.Support;
using Microsoft.Data.Sqlite;

namespace MigrationHost.Tests.Running;

/// <summary>More databases than are worked on at a time.</summary>
public sealed class PlacesTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly SqliteConnection _holder;

    public PlacesTests()
    {
        _folder.Write("migrations/1_one.sql", "CREATE TABLE one (x);");
        _holder = new SqliteConnection($"Data Source={_folder["blocked.db"]};Pooling=False");
        _holder.Open();
        Hold("BEGIN IMMEDIATE");
    }

    public void Dispose()
    {
        _holder.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task One_begins_once_another_is_done()
    {
        await using var host = Host("00:10:00");
        var (blocked, other) = (host.Runs.Find("blocked")!, host.Runs.Find("other")!);

        var first = blocked.MigrateAsync(null, null, default);
        await Eventually.BecomesTrueAsync(() => blocked.State.Read().WaitingFor is not null);
        var second = other.MigrateAsync(null, null, default);

        Assert.Contains(host.Log.All, line => line.StartsWith("Information: other: begins once one of the databases", StringComparison.Ordinal));
        Assert.Equal((MigrationPhase.Starting, 0), (other.State.Phase, other.State.Read().Attempt));
        Assert.False(File.Exists(_folder["other.db"]));

        Hold("ROLLBACK");
        Assert.All(await Task.WhenAll(first, second), Assert.Null);
        Assert.Equal(MigrationPhase.Ready, other.State.Phase);
    }

    [Fact]
    public async Task One_that_is_blocked_holds_up_nobody_else()
    {
        await using var host = Host("00:00:00.2");
        var (blocked, other) = (host.Runs.Find("blocked")!, host.Runs.Find("other")!);

        var first = blocked.MigrateAsync(null, null, default);
        await Eventually.BecomesTrueAsync(() => blocked.State.Read().WaitingFor is not null);
        Assert.Null(await other.MigrateAsync(null, null, default));

        Assert.False(first.IsCompleted);
        Hold("ROLLBACK");
        Assert.Null(await first);
    }

    [Fact]
    public async Task One_that_is_told_to_stop_before_it_began_begins_nothing()
    {
        await using var host = Host("00:10:00");
        var (blocked, other) = (host.Runs.Find("blocked")!, host.Runs.Find("other")!);
        using var stopping = new CancellationTokenSource();

        var first = blocked.MigrateAsync(null, null, stopping.Token);
        await Eventually.BecomesTrueAsync(() => blocked.State.Read().WaitingFor is not null);
        var second = other.MigrateAsync(null, null, stopping.Token);
        await stopping.CancelAsync();

        Assert.Equal(MigrationErrorCode.Interrupted, (await second)?.Code);
        Assert.NotNull(await first);
        Assert.False(File.Exists(_folder["other.db"]));
    }

    private TestHost Host(string stallAfter) => new(_folder.Path, new Dictionary<string, string?>
    {
        ["MigrationHost:MaxParallel"] = "1",
        ["MigrationHost:Timeouts:StallAfter"] = stallAfter,
        ["MigrationHost:Databases:blocked:ConnectionString"] = "Data Source=blocked.db",
        ["MigrationHost:Databases:other:ConnectionString"] = "Data Source=other.db",
    });

    private void Hold(string sql)
    {
        using var command = _holder.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
