using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Running;

/// <summary>A file that does not answer, as on a network mount that is gone: it shows, is told and has its limit. A run that was given up
/// meanwhile and comes back does nothing any more.</summary>
public sealed class FilesTests : IAsyncLifetime
{
    private static readonly (string, string)[] Impatient =
    [
        ("Timeouts:DatabaseWait", "00:00:01"), ("Timeouts:StallAfter", "00:00:00.100"), ("Timeouts:Grace", "00:00:00.500"),
    ];

    private readonly SqliteTestDatabase _database = new();
    private string _second = "";

    public Task InitializeAsync()
    {
        _database.Migration("1_create_users", "CREATE TABLE users (id INTEGER);");
        _second = _database.Migration("2_create_orders", "CREATE TABLE orders (id INTEGER);");
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task A_file_that_does_not_answer_shows_is_told_and_has_its_limit()
    {
        await using var lease = await FileLease.TakeAsync(_second);
        await using var host = _database.Host(Impatient);

        var run = host.MigrateAsync();
        await Eventually.BecomesTrueAsync(
            () => host.Status.WaitingFor is { What: "migrations/2_create_orders.sql to be read" }, () => host.Status.ToString());
        var error = await run;

        Assert.Equal((MigrationErrorCode.DatabaseUnreachable, 3), (error?.Code, error?.ExitCode));
        Assert.StartsWith("waited 1 s for migrations/2_create_orders.sql to be read", error!.Message, StringComparison.Ordinal);
        Assert.Contains(host.Log.All, line => line.Contains("for migrations/2_create_orders.sql to be read", StringComparison.Ordinal));
        Assert.Equal(MigrationPhase.Abandoned, host.Status.Phase);
    }

    [Fact]
    public async Task A_run_that_was_given_up_before_it_had_a_database_and_comes_back_opens_none()
    {
        await using var host = _database.Host(Impatient);
        await using (var lease = await FileLease.TakeAsync(_second))
        {
            Assert.NotNull(await host.MigrateAsync());
            await lease.ReleaseAsync();
        }
        await ComesBackAsync(host);

        Assert.Equal(MigrationPhase.Abandoned, host.Status.Phase);
        Assert.False(File.Exists(_database.Path));
    }

    [Fact]
    public async Task A_run_that_was_given_up_with_the_turn_and_comes_back_applies_nothing_and_lets_go()
    {
        _database.Migration("2_create_orders", "-- migrationhost: transaction=none\nCREATE TABLE orders (id INTEGER);");
        await using var holder = await _database.HoldFromOutsideAsync();
        await using var host = _database.Host([.. Impatient, ("Timeouts:Lock", "00:01:00")]);
        var run = host.MigrateAsync();
        await Eventually.BecomesTrueAsync(() => host.Status.Phase == MigrationPhase.Migrating, () => host.Status.ToString());

        // Both have been read, and the second is read again once the first is applied.
        await using var lease = await FileLease.TakeAsync(_second);
        await holder.ReleaseAsync();
        var error = await run;
        Assert.StartsWith("waited 1 s for migrations/2_create_orders.sql to be read", error?.Message, StringComparison.Ordinal);
        var given = host.Status;
        await lease.ReleaseAsync();
        await ComesBackAsync(host);

        Assert.Equal("1", await _database.HistoryAsync());
        Assert.Equal(given, host.Status);
        await _database.AssertReleasedAsync();
    }

    [Fact]
    public async Task A_database_file_that_does_not_answer_has_the_same_limit()
    {
        await _database.QueryAsync("PRAGMA user_version = 1");
        await using var lease = await FileLease.TakeAsync(_database.Path);
        await using var host = _database.Host(Impatient);

        var run = host.MigrateAsync();
        await Eventually.BecomesTrueAsync(() => host.Status.WaitingFor is { What: "data/app.db to come up" }, () => host.Status.ToString());

        Assert.Equal((MigrationErrorCode.DatabaseUnreachable, MigrationPhase.Abandoned), ((await run)?.Code, host.Status.Phase));
        await lease.ReleaseAsync();
        await ComesBackAsync(host);
        Assert.Equal("0", await _database.QueryAsync("SELECT count(*) FROM sqlite_schema"));
    }

    [Theory]
    [InlineData("migrate", "InProcess")]
    [InlineData("migrate", "ChildProcess")]
    [InlineData("status", "InProcess")]
    public async Task The_program_ends_with_code_3(string command, string isolation)
    {
        await using var lease = await FileLease.TakeAsync(_second);
        await using var program = MigrationHostProgram.Start(
            _database.Folder.Path,
            [
                command,
                // A program that has just started on a busy machine needs a moment for the files that do answer.
                .. _database.Arguments(
                    [.. Impatient, ("Timeouts:DatabaseWait", "00:00:04"), ("Timeouts:LockAttempt", "00:00:01"), ("Databases:app:Isolation", isolation)]),
            ]);

        Assert.Equal(3, await program.ExitAsync());
        Assert.Contains("for migrations/2_create_orders.sql to be read", program.All, StringComparison.Ordinal);
    }

    private static Task ComesBackAsync(TestHost host) => Eventually.BecomesTrueAsync(
        () => host.Log.All.Any(line => line.Contains("the run that was abandoned has let go", StringComparison.Ordinal)));
}
