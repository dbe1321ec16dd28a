using MigrationHost.Databases.Sqlite;
using MigrationHost.Platform;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Sqlite;

/// <summary>The files beside the database, in a folder that others may write to: links, pipes, other owners, other releases.</summary>
public sealed class SqliteTurnFileTests : IAsyncLifetime
{
    private const string Nobody = "65534";

    private readonly SqliteTestDatabase _database = new() { AllowExistingTables = true };

    private string Turn => _database.Path + "-migrationhost";

    private string Info => _database.Path + "-migrationhost-info";

    public Task InitializeAsync()
    {
        _database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task What_a_link_in_the_place_of_the_holders_words_points_to_is_left_alone()
    {
        var target = _database.Folder.Write("precious", "precious");
        File.CreateSymbolicLink(Info, target);
        await using var host = _database.Host();

        Assert.Null(await host.MigrateAsync());
        Assert.Equal("precious", File.ReadAllText(target));
        await _database.AssertReleasedAsync();
    }

    [Fact]
    public async Task A_dangling_link_in_the_place_of_the_turns_file_creates_nothing()
    {
        File.CreateSymbolicLink(Turn, _database.Folder["created"]);
        await FailsAsync("app.db-migrationhost is a symbolic link", "Remove it");
        Assert.False(File.Exists(_database.Folder["created"]));
    }

    [Fact]
    public async Task A_link_to_a_file_in_the_place_of_the_turns_file_is_not_followed()
    {
        File.CreateSymbolicLink(Turn, _database.Folder.Write("precious", "precious"));
        await FailsAsync("app.db-migrationhost is a symbolic link", "Remove it");
        Assert.True(File.Exists(_database.Folder["precious"]));
    }

    [Fact]
    public async Task A_pipe_in_the_place_of_the_turns_file_is_not_waited_for()
    {
        await _database.Folder.MakePipeAsync("data/app.db-migrationhost");
        await FailsAsync("app.db-migrationhost is a pipe, a socket or a device", "Remove it");
    }

    [Fact]
    public async Task A_folder_in_the_place_of_the_turns_file_is_told()
    {
        Directory.CreateDirectory(Turn);
        await FailsAsync("app.db-migrationhost is a folder", "Remove it");
    }

    [Fact]
    public async Task A_pipe_in_the_place_of_the_holders_words_is_not_waited_for()
    {
        await _database.Folder.MakePipeAsync("data/app.db-migrationhost-info");
        Assert.Null(TurnFile.ReadHolder(_database.Path));
        await using var host = _database.Host();

        Assert.Null(await host.MigrateAsync());
        await _database.AssertReleasedAsync();
    }

    [Fact]
    public void An_instance_of_the_previous_release_and_one_of_this_exclude_each_other()
    {
        Directory.CreateDirectory(_database.Folder["data"]);
        using (new FileStream(Turn, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose))
            Assert.Null(TurnFile.TryTake(_database.Path, TimeProvider.System));
        Assert.False(File.Exists(Turn));

        using (TurnFile.TryTake(_database.Path, TimeProvider.System))
            Assert.Throws<IOException>(() => new FileStream(
                Turn, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose));
        Assert.False(File.Exists(Turn));
    }

    [Fact]
    public async Task Of_many_that_take_and_release_the_turn_never_two_have_it()
    {
        Directory.CreateDirectory(_database.Folder["data"]);
        var (holders, most, taken) = (0, 0, 0);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 2000; i++)
            {
                using var file = TurnFile.TryTake(_database.Path, TimeProvider.System);
                if (file is null)
                    continue;
                most = Math.Max(most, Interlocked.Increment(ref holders));
                Interlocked.Increment(ref taken);
                Interlocked.Decrement(ref holders);
            }
        })));

        Assert.Equal(1, most);
        Assert.True(taken > 100, $"taken only {taken} times");
    }

    [Fact]
    public async Task What_root_makes_beside_a_database_belongs_to_the_databases_owner()
    {
        await _database.QueryAsync("CREATE TABLE b (id INTEGER)");
        await RunAsync("chown", Nobody, _database.Path);
        using (TurnFile.TryTake(_database.Path, TimeProvider.System))
            Assert.Equal(uint.Parse(Nobody, System.Globalization.CultureInfo.InvariantCulture), FileStatus.Of(Turn)?.User);
    }

    [Fact]
    public async Task A_turns_file_that_root_has_left_behind_does_not_lock_the_services_user_out()
    {
        _database.OpenToEverybody();
        File.WriteAllText(Turn, "");
        await using var program = AsNobody("migrate");

        Assert.True(await program.ExitAsync() == 0, program.All);
        Assert.False(File.Exists(Turn));
    }

    [Theory]
    [InlineData("migrate", 3)]
    [InlineData("doctor", 12)]
    public async Task A_turns_file_that_may_not_be_read_is_named_with_its_owner_and_what_to_do(string command, int expected)
    {
        _database.OpenToEverybody();
        File.WriteAllText(Turn, "");
        File.SetUnixFileMode(Turn, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await using var program = AsNobody(command);

        Assert.True(await program.ExitAsync() == expected, program.All);
        Assert.Contains("app.db-migrationhost belongs to root (uid 0) and may not be read by", program.All, StringComparison.Ordinal);
        Assert.Contains("chown --reference=", program.All, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("migrate", 3)]
    [InlineData("doctor", 12)]
    public async Task A_write_ahead_log_of_another_owner_is_named_with_what_to_do(string command, int expected)
    {
        await _database.QueryAsync("PRAGMA journal_mode = wal; CREATE TABLE b (id INTEGER);");
        await using var open = await Sqlite3.HoldAsync(_database.Path, "INSERT INTO b VALUES (1);");
        _database.OpenToEverybody();
        await RunAsync("chown", Nobody, _database.Path);
        foreach (var file in new[] { "-wal", "-shm" })
            File.SetUnixFileMode(_database.Path + file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        await using var program = AsNobody(command);

        Assert.True(await program.ExitAsync() == expected, program.All);
        Assert.Contains("app.db-wal belongs to root (uid 0) and may not be written by", program.All, StringComparison.Ordinal);
        Assert.Contains($"chown --reference={_database.Path} {_database.Path}-wal", program.All, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_warns_of_files_beside_the_database_that_have_another_owner()
    {
        await _database.QueryAsync("PRAGMA journal_mode = wal; CREATE TABLE b (id INTEGER);");
        await using var open = await Sqlite3.HoldAsync(_database.Path, "INSERT INTO b VALUES (1);");
        await RunAsync("chown", Nobody, _database.Path + "-shm");

        var (_, output, _) = await MigrationHostProgram.RunAsync(_database.Folder.Path, ["doctor", .. _database.Arguments()]);

        Assert.Contains("owners: another owner than the database's: ", output, StringComparison.Ordinal);
        Assert.Contains($"chown --reference={_database.Path} {_database.Path}-shm", output, StringComparison.Ordinal);
    }

    private async Task FailsAsync(string message, string remedy)
    {
        foreach (var (command, expected) in new[] { ("migrate", 3), ("doctor", 12) })
        {
            var (code, output, errors) = await MigrationHostProgram.RunAsync(_database.Folder.Path, [command, .. _database.Arguments()]);
            Assert.True(code == expected, output + errors);
            Assert.Contains(message, output, StringComparison.Ordinal);
            Assert.Contains(remedy, output, StringComparison.Ordinal);
        }
    }

    private RunningProgram AsNobody(string command) =>
        new(
            "setpriv",
            [$"--reuid={Nobody}", $"--regid={Nobody}", "--clear-groups", MigrationHostProgram.Path, command, .. _database.Arguments()],
            _database.Folder.Path);

    private static async Task RunAsync(string program, params string[] arguments)
    {
        await using var running = new RunningProgram(program, arguments);
        Assert.True(await running.ExitAsync() == 0, running.All);
    }
}
