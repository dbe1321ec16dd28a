using System.Data.Common;
using System.Globalization;
using MigrationHost.Testing;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Testing;

/// <summary>What holds for the test databases of every kind.</summary>
public abstract class MigratedDatabaseContract : IDisposable
{
    private readonly TempFolder _folder = new();

    protected MigratedDatabaseContract() => Write("1_create_users", "CREATE TABLE users (id INTEGER);");

    /// <summary>The folder of the migrations.</summary>
    protected string Migrations => _folder["migrations"];

    [Fact]
    public async Task Every_test_has_a_copy_of_its_own_of_migrations_that_ran_once()
    {
        await using var one = await CreateAsync();
        await using var other = await CreateAsync();
        await RunAsync(one, "INSERT INTO users VALUES (1)");

        Assert.NotEqual(one.ConnectionString, other.ConnectionString);
        Assert.Equal(("1", "0"), (await RunAsync(one, "SELECT count(*) FROM users"), await RunAsync(other, "SELECT count(*) FROM users")));
        Assert.Equal(await AppliedAtAsync(one), await AppliedAtAsync(other));
    }

    [Fact]
    public async Task Tests_that_begin_together_share_one_run_of_the_migrations()
    {
        var databases = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(CreateAsync)));

        var applied = await Task.WhenAll(databases.Select(AppliedAtAsync));
        foreach (var database in databases)
            await database.DisposeAsync();
        Assert.Single(applied.Distinct());
    }

    [Fact]
    public async Task Migrations_that_have_changed_run_anew()
    {
        await using var before = await CreateAsync();
        Write("2_create_orders", "CREATE TABLE orders (id INTEGER);");
        await using var after = await CreateAsync();

        Assert.Equal("1", await RunAsync(before, "SELECT count(*) FROM migrationhost_history"));
        Assert.Equal("2", await RunAsync(after, "SELECT count(*) FROM migrationhost_history"));
    }

    [Fact]
    public async Task A_migration_that_fails_is_told_with_its_file_and_line_every_time()
    {
        Write("2_broken", "CREATE TABLE orders (id INTEGER);\nCREATE TABEL lines (id INTEGER);");

        var first = await Assert.ThrowsAsync<MigrationException>(CreateAsync);
        var second = await Assert.ThrowsAsync<MigrationException>(CreateAsync);
        Assert.Contains("2_broken.sql:2", first.Message, StringComparison.Ordinal);
        Assert.Equal((first.Message, MigrationErrorCode.MigrationFailed, 2), (second.Message, second.Error.Code, second.Error.Line));
    }

    [Fact]
    public async Task What_a_killed_test_run_has_left_the_next_one_removes()
    {
        string[] left;
        await using (var killed = await StartAsync(2))
        {
            left = [.. Made(killed)];
            Assert.Equal(2, left.Length);
            killed.KillNow();
            await killed.ExitAsync();
        }
        Assert.All(await Task.WhenAll(left.Select(ExistsAsync)), Assert.True);

        await using var next = await StartAsync(1);
        await Eventually.BecomesTrueAsync(async () => (await Task.WhenAll(left.Select(ExistsAsync))).All(exists => !exists));
        Assert.True(await ExistsAsync(Made(next).Single()));
        next.CloseInput();
        Assert.Equal(0, await next.ExitAsync());
        Assert.False(await ExistsAsync(Made(next).Single()));
    }

    [Fact]
    public async Task A_test_that_leaves_a_transaction_open_keeps_nothing_from_being_removed()
    {
        var database = await CreateAsync();
        var left = Connect(database.ConnectionString);
        await left.OpenAsync();
        await using (var insert = left.CreateCommand())
        {
            insert.CommandText = "BEGIN; INSERT INTO users VALUES (1)";
            await insert.ExecuteNonQueryAsync();
        }

        await database.DisposeAsync();
        await database.DisposeAsync();

        Assert.False(await ExistsAsync(database.ConnectionString));
        try
        {
            await left.DisposeAsync();
        }
        catch (DbException)
        {
            // The server has ended it.
        }
    }

    public virtual void Dispose()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Makes a database.</summary>
    public abstract Task<MigratedDatabase> CreateAsync();

    /// <summary>A connection of the driver, not open yet.</summary>
    protected abstract DbConnection Connect(string connectionString);

    /// <summary>Runs SQL in it; returns the first value as text.</summary>
    protected Task<string> RunAsync(MigratedDatabase database, string sql) => ScalarAsync(database.ConnectionString, sql);

    /// <inheritdoc cref="RunAsync(MigratedDatabase, string)"/>
    protected async Task<string> ScalarAsync(string connectionString, string sql)
    {
        await using var connection = Connect(connectionString);
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return $"{await command.ExecuteScalarAsync()}";
    }

    /// <summary>Whether the database of a connection string is there.</summary>
    protected abstract Task<bool> ExistsAsync(string connectionString);

    /// <summary>The kind of the server and how to connect to it.</summary>
    protected abstract IEnumerable<string> Server { get; }

    // The template of this test and no other: its migrations are like nobody's.
    protected void Write(string name, string sql) =>
        _folder.Write($"migrations/{name}.sql", $"{sql}\n-- {_folder.Path}\n");

    private async Task<string> AppliedAtAsync(MigratedDatabase database) =>
        await RunAsync(database, "SELECT max(applied_at) FROM migrationhost_history");

    private async Task<RunningProgram> StartAsync(int count)
    {
        var program = MigrationHostProgram.StartApp(
            MigrationHostProgram.EfApp,
            _folder.Path,
            ["test-databases", count.ToString(CultureInfo.InvariantCulture), Migrations, .. Server]);
        await Eventually.BecomesTrueAsync(
            () => program.Output.Contains("made", StringComparison.Ordinal) || program.HasExited, () => program.All);
        Assert.False(program.HasExited, program.All);
        return program;
    }

    private static IEnumerable<string> Made(RunningProgram program) =>
        program.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).TakeWhile(line => line != "made");
}
