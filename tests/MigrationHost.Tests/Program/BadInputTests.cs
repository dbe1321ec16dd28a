using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Program;

/// <summary>Databases and folders that cannot be used: the promised exit code, a message that says what to do, nothing lost.</summary>
public sealed class BadInputTests : IAsyncLifetime
{
    private const string Nobody = "65534";

    private readonly SqliteTestDatabase _database = new();

    public Task InitializeAsync()
    {
        _database.Migration("1_create", "CREATE TABLE a (id INTEGER PRIMARY KEY, text TEXT);");
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task Without_any_database_the_program_shows_a_complete_example()
    {
        foreach (var command in new[] { "serve", "migrate", "status" })
        {
            var (code, output, errors) = await MigrationHostProgram.RunAsync(_database.Folder.Path, command);
            Assert.Equal(2, code);
            Assert.Contains("\"ConnectionString\": \"Data Source=data/app.db\"", output + errors, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_missing_folder_ends_with_2_before_the_database_is_touched()
    {
        Directory.Delete(_database.Folder["migrations"], recursive: true);
        await FailsAsync(2, "the folder migrations does not exist");
        Assert.False(File.Exists(_database.Path));
    }

    [Theory]
    [InlineData("migrate", 7)]
    [InlineData("status", 7)]
    [InlineData("doctor", 12)]
    public async Task An_empty_folder_is_told_with_the_path_that_was_looked_at(string command, int expected)
    {
        File.Delete(_database.Folder["migrations/1_create.sql"]);
        var (code, output, errors) = await MigrationHostProgram.RunAsync(_database.Folder.Path, [command, .. _database.Arguments()]);
        Assert.True(code == expected, output + errors);
        Assert.Contains($"has no migration files (looked in {_database.Folder["migrations"]})", output, StringComparison.Ordinal);
        Assert.Contains("AllowEmpty: true", output, StringComparison.Ordinal);
        Assert.False(File.Exists(_database.Path));
    }

    [Fact]
    public async Task A_file_that_is_too_large_to_be_read_is_a_problem_with_the_file()
    {
        await using (var file = File.Create(_database.Folder["migrations/2_large.sql"]))
            file.SetLength(3L << 30);
        await using var host = _database.Host();

        var error = await host.MigrateAsync();

        Assert.Contains("2_large.sql: cannot be read: it is larger than 2 GB", error!.Message, StringComparison.Ordinal);
        Assert.NotEqual(MigrationErrorCode.Unexpected, error.Code);
    }

    [Fact]
    public async Task A_program_without_the_library_of_SQLite_says_what_to_publish()
    {
        var copy = _database.Folder["program"];
        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(MigrationHostProgram.Path)!, "*", SearchOption.AllDirectories)
            .Where(file => !file.Contains("e_sqlite3.", StringComparison.Ordinal) || file.EndsWith(".dll", StringComparison.Ordinal)))
        {
            var path = Path.Combine(copy, Path.GetRelativePath(Path.GetDirectoryName(MigrationHostProgram.Path)!, file));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.Copy(file, path);
        }
        var (code, output, errors) = await MigrationHostProgram.RunAppAsync(
            Path.Combine(copy, Path.GetFileName(MigrationHostProgram.Path)), _database.Folder.Path, ["migrate", .. _database.Arguments()]);

        Assert.True(code == 3, output + errors);
        Assert.Contains("the library of SQLite, e_sqlite3, cannot be loaded", output, StringComparison.Ordinal);
        Assert.Contains("dotnet publish -r", output, StringComparison.Ordinal);
        Assert.DoesNotContain("defect", output + errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_folder_over_a_history_is_told_too()
    {
        Assert.Equal(0, (await MigrateAsync()).Code);
        File.Delete(_database.Folder["migrations/1_create.sql"]);
        await FailsAsync(7, "has no migration files");
    }

    [Fact]
    public async Task An_empty_folder_that_is_meant_so_is_ready_with_a_warning()
    {
        File.Delete(_database.Folder["migrations/1_create.sql"]);
        var arguments = _database.Arguments(("Databases:app:AllowEmpty", "true"));
        var (code, output, errors) = await MigrationHostProgram.RunAsync(_database.Folder.Path, ["migrate", .. arguments]);
        Assert.Equal(0, code);
        Assert.Contains("migrations has no migration files", errors, StringComparison.Ordinal);
        Assert.Contains("ready, without any migration", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_path_that_is_a_directory_ends_with_2()
    {
        Directory.CreateDirectory(_database.Path);
        await FailsAsync(2, "data/app.db is a directory");
    }

    [Fact]
    public async Task A_limit_of_open_files_that_is_too_low_for_dotnet_is_told_before_anything_fails_of_it()
    {
        await using var program = new RunningProgram("prlimit", ["--nofile=64:64", MigrationHostProgram.Path, "migrate", .. _database.Arguments()], _database.Folder.Path);

        Assert.Equal(2, await program.ExitAsync());
        Assert.Contains("this process may open 64 files and needs 160", program.All, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_database_ends_with_3_and_is_left_alone()
    {
        _database.Folder.Write("data/app.db", new string('x', 5000));
        await FailsAsync(3, "data/app.db is not an SQLite database, or is encrypted\n");
        Assert.Equal(new string('x', 5000), await File.ReadAllTextAsync(_database.Path));
    }

    [Fact]
    public async Task A_path_that_may_not_be_entered_ends_with_2()
    {
        OpenFolderToNobody();
        File.SetUnixFileMode(_database.Folder["data"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await FailsAsNobodyAsync(2, "data/app.db may not be reached");
    }

    [Fact]
    public async Task An_unreadable_migrations_folder_ends_with_2()
    {
        OpenFolderToNobody();
        File.SetUnixFileMode(_database.Folder["migrations"], UnixFileMode.None);
        await FailsAsNobodyAsync(2, "the folder migrations cannot be read");
    }

    [Fact]
    public async Task An_unreadable_migration_ends_with_2()
    {
        OpenFolderToNobody();
        File.SetUnixFileMode(_database.Folder["migrations/1_create.sql"], UnixFileMode.None);
        await FailsAsNobodyAsync(2, "migrations/1_create.sql: cannot be read");
    }

    [Fact]
    public async Task A_folder_that_is_not_writable_ends_with_3()
    {
        OpenFolderToNobody();
        File.SetUnixFileMode(_database.Folder["data"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        await FailsAsNobodyAsync(
            3, $"data/app.db is not writable, since {_database.Folder["data"]} belongs to root (uid 0) and may not be written by nobody (uid {Nobody})");
    }

    [Fact]
    public async Task A_folder_that_is_not_there_and_may_not_be_made_ends_with_3_and_is_told_as_that()
    {
        OpenFolderToNobody();
        Directory.Delete(_database.Folder["data"]);
        File.SetUnixFileMode(_database.Folder.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        await FailsAsNobodyAsync(
            3, $"data/app.db cannot be created: its folder {_database.Folder["data"]} does not exist, and nobody (uid {Nobody}) may not make one in");
    }

    [Fact]
    public async Task A_read_only_database_ends_with_3_where_something_is_pending_and_is_ready_where_nothing_is()
    {
        Assert.Equal(0, (await MigrateAsync()).Code);
        OpenFolderToNobody();
        File.SetUnixFileMode(_database.Path, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        var (code, output, errors) = await AsNobodyAsync();
        Assert.True(code == 0, output + errors);

        _database.Migration("2_more", "CREATE TABLE b (id INTEGER);");
        OpenFolderToNobody();
        await FailsAsNobodyAsync(3, "is not writable");
    }

    [Fact]
    public async Task Mode_read_only_is_no_problem_until_something_is_pending()
    {
        Assert.Equal(0, (await MigrateAsync()).Code);
        foreach (var command in new[] { "migrate", "doctor" })
            Assert.Equal(0, (await ReadOnlyAsync(command)).Code);

        _database.Migration("2_more", "CREATE TABLE b (id INTEGER);");
        foreach (var (command, expected) in new[] { ("migrate", 3), ("doctor", 12) })
        {
            var (code, said) = await ReadOnlyAsync(command);
            Assert.Equal(expected, code);
            Assert.Contains("is not writable: it is opened with Mode=ReadOnly", said, StringComparison.Ordinal);
            Assert.Contains("Leave Mode out", said, StringComparison.Ordinal);
        }

        async Task<(int Code, string Said)> ReadOnlyAsync(string command)
        {
            var (code, output, errors) = await MigrationHostProgram.RunAsync(_database.Folder.Path, [command, "--MigrationHost:Databases:app:ConnectionString=Data Source=data/app.db;Mode=ReadOnly"]);
            return (code, output + errors);
        }
    }

    [Theory]
    [InlineData("ReadOnly")]
    [InlineData("ReadWrite")]
    public async Task A_mode_that_does_not_create_the_file_is_told_as_what_is_missing(string mode)
    {
        var (code, output, errors) = await MigrationHostProgram.RunAsync(_database.Folder.Path, ["migrate", $"--MigrationHost:Databases:app:ConnectionString=Data Source=data/none.db;Mode={mode}"]);
        Assert.Equal(3, code);
        Assert.Contains($"data/none.db does not exist, and Mode={mode} does not create it", output + errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_that_nothing_can_use_is_told_before_a_file_is_made()
    {
        var other = _database.Folder["other.db"];
        foreach (var (command, expected) in new[] { ("migrate", 2), ("doctor", 12) })
        {
            var (code, output, errors) = await MigrationHostProgram.RunAsync(_database.Folder.Path, [command, .. _database.Arguments(), $"--MigrationHost:Databases:b:ConnectionString=Data Source={other};Password=secret", "--MigrationHost:Databases:b:Migrations=migrations"]);
            Assert.Equal(expected, code);
            Assert.Contains("MigrationHost:Databases:b:ConnectionString: has a Password", output + errors, StringComparison.Ordinal);
            Assert.DoesNotContain("secret", output + errors, StringComparison.Ordinal);
        }
        Assert.False(File.Exists(other) || File.Exists(_database.Path));
    }

    [Theory]
    [InlineData("migrate", 2)]
    [InlineData("serve", 2)]
    [InlineData("status", 2)]
    [InlineData("doctor", 12)]
    public async Task A_pipe_is_no_database_and_nobody_waits_for_it(string command, int expected)
    {
        await _database.Folder.MakePipeAsync("data/pipe");
        var (code, output, errors) = await MigrationHostProgram.RunAsync(_database.Folder.Path, [command, "--MigrationHost:Databases:app:ConnectionString=Data Source=data/pipe"]);
        Assert.Equal(expected, code);
        Assert.Contains("data/pipe is a pipe, a socket or a device; name a file", output + errors, StringComparison.Ordinal);
    }

    /// <summary>As behind a volume that is not mounted: an empty database in its place would be "ready".</summary>
    [Theory]
    [InlineData("migrate", 2, "link.db")]
    [InlineData("serve", 2, "link.db")]
    [InlineData("doctor", 12, "link.db")]
    [InlineData("migrate", 2, "link/sub/app.db")]
    public async Task A_link_to_a_folder_that_is_missing_makes_no_database(string command, int expected, string path)
    {
        File.CreateSymbolicLink(_database.Folder["link.db"], _database.Folder["volume/app.db"]);
        File.CreateSymbolicLink(_database.Folder["link"], _database.Folder["volume"]);

        var (code, output, errors) = await MigrationHostProgram.RunAsync(_database.Folder.Path, [command, $"--MigrationHost:Databases:app:ConnectionString=Data Source={path}"]);

        Assert.True(code == expected, output + errors);
        Assert.Contains("is a link, and the folder that it leads to does not exist", output + errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_database.Folder["volume"]));

        Directory.CreateDirectory(_database.Folder["volume"]);
        (code, output, errors) = await MigrationHostProgram.RunAsync(_database.Folder.Path, ["migrate", $"--MigrationHost:Databases:app:ConnectionString=Data Source={path}"]);
        Assert.True(code == 0, output + errors);
        Assert.NotEmpty(Directory.GetFiles(_database.Folder["volume"], "app.db", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData("migrate", 2)]
    [InlineData("status", 2)]
    [InlineData("doctor", 12)]
    public async Task Files_that_cannot_be_read_are_told_with_all_other_problems(string command, int expected)
    {
        await _database.Folder.MakePipeAsync("migrations/2_pipe.sql");
        File.CreateSymbolicLink(_database.Folder["migrations/3_dangling.sql"], "nowhere");
        _database.Migration("4_empty", "");
        var (code, output, errors) = await MigrationHostProgram.RunAsync(_database.Folder.Path, [command, .. _database.Arguments()]);
        Assert.Equal(expected, code);
        Assert.All(["2_pipe.sql: cannot be read", "3_dangling.sql: cannot be read", "4_empty.sql: is empty"], problem => Assert.Contains(problem, output + errors, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", output + errors, StringComparison.Ordinal);
        Assert.False(File.Exists(_database.Path));
    }

    [Theory]
    [InlineData("--urls", "nonsense", "urls: is not an address")]
    [InlineData("--urls", "http://127.0.0.1:99999", "urls: has a port that is not a number up to 65535")]
    [InlineData("--http_ports", "x", "http_ports: is not a port")]
    public async Task An_address_that_is_none_ends_with_2(string key, string value, string expected)
    {
        var (code, output, errors) = await MigrationHostProgram.RunAsync(_database.Folder.Path, ["serve", .. _database.Arguments(), key, value]);
        Assert.Equal(2, code);
        Assert.Contains(expected, output + errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output + errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_setting_without_a_value_is_missing_its_own()
    {
        var (code, output, errors) = await MigrationHostProgram.RunAsync(_database.Folder.Path, ["migrate", "--MigrationHost:Databases:app:ConnectionString", "--MigrationHost:Databases:app:Migrations=migrations"]);
        Assert.Equal(2, code);
        Assert.Contains("MigrationHost:Databases:app:ConnectionString: is missing", output + errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("migrate")]
    [InlineData("serve")]
    public async Task A_settings_file_that_does_not_answer_is_not_waited_for(string command)
    {
        await using var lease = await FileLease.TakeAsync(_database.Folder.Write("appsettings.json", "{}"));

        var (code, output, errors) = await MigrationHostProgram.RunAsync(_database.Folder.Path, [command, .. _database.Arguments()]);

        Assert.True(code == 2, output + errors);
        Assert.Contains("does not answer", output + errors, StringComparison.Ordinal);
        Assert.False(File.Exists(_database.Path));
    }

    [Theory]
    [InlineData("serve", 2)]
    [InlineData("migrate", 2)]
    [InlineData("doctor", 12)]
    public async Task A_settings_file_that_is_no_json_is_a_problem_with_the_settings(string command, int expected)
    {
        _database.Folder.Write("appsettings.json", "{ \"MigrationHost\": { ");
        var (code, output, errors) = await MigrationHostProgram.RunAsync(_database.Folder.Path, [command, .. _database.Arguments()]);
        Assert.True(code == expected, output + errors);
        Assert.Contains("appsettings.json", output + errors, StringComparison.Ordinal);
        Assert.Contains("is not valid JSON: line 1", output + errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output + errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_settings_file_that_may_not_be_read_ends_with_2()
    {
        OpenFolderToNobody();
        File.SetUnixFileMode(_database.Folder.Write("appsettings.json", "{}"), UnixFileMode.None);
        await FailsAsNobodyAsync(2, "a settings file cannot be read");
    }

    [Fact]
    public async Task What_the_environment_says_is_checked_like_any_other_setting()
    {
        await using var program = new RunningProgram(MigrationHostProgram.Path, ["migrate"], _database.Folder.Path, new Dictionary<string, string?>
        {
            ["MigrationHost__Databases__app__ConnectionString"] = "Data Source=data/app.db;Colour=red",
            ["MigrationHost__Databases__app__Timeouts__Lock"] = "30",
            ["MigrationHost__Databases__app__Timeouts__Turn"] = "00:00:00",
            ["MigrationHost__Timeouts__Grace"] = "-00:00:01",
            ["MigrationHost__RetryInterval"] = "25.00:00:00",
            ["MigrationHost__Startupp"] = "Gate",
        });

        Assert.Equal(2, await program.ExitAsync());
        Assert.Equal(6, program.Errors.Split("invalid configuration: ").Length - 1);
        foreach (var message in new[] { "its second key is not a connection-string key", "app:Timeouts:Lock: is not a duration",
            "app:Timeouts:Turn: 00:00:00 is not longer than zero", "MigrationHost:Timeouts:Grace: is not a duration",
            "RetryInterval: is longer than 24 days", "did you mean 'Startup'?" })
            Assert.Contains(message, program.Errors, StringComparison.Ordinal);
        Assert.False(File.Exists(_database.Path));
    }

    [Theory]
    [InlineData("nr_inodes=2", "touch data/app.db")]
    [InlineData("size=600k", "sqlite3 data/app.db 'PRAGMA journal_mode = wal; CREATE TABLE x (y)'; cat /dev/zero >data/fill 2>/dev/null")]
    [InlineData("size=600k", "cat /dev/zero >data/fill 2>/dev/null")]
    public async Task A_disk_that_was_full_before_ends_with_4(string mount, string fill)
    {
        var arguments = string.Join(' ', _database.Arguments().Select(argument => $"'{argument}'"));
        await using var program = new RunningProgram(
            "unshare",
            ["--map-root-user", "--mount", "sh", "-c", $"mount -t tmpfs -o {mount} tmpfs data; {fill}; exec '{MigrationHostProgram.Path}' migrate {arguments}"],
            _database.Folder.Path);

        Assert.True(await program.ExitAsync() == 4, program.All);
        Assert.Contains("the disk is full", program.All, StringComparison.Ordinal);
        Assert.Contains("Free some space", program.All, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_disk_ends_with_4_and_loses_nothing()
    {
        _database.Migration("2_large", "INSERT INTO a (text) WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 2000) SELECT hex(randomblob(500)) FROM n;");
        var arguments = string.Join(' ', _database.Arguments().Select(argument => $"'{argument}'"));
        await using var program = new RunningProgram(
            "unshare",
            ["--map-root-user", "--mount", "sh", "-c", $"mount -t tmpfs -o size=400k tmpfs data && '{MigrationHostProgram.Path}' migrate {arguments}; code=$?; ls data; sqlite3 data/app.db 'SELECT version FROM migrationhost_history' 'SELECT count(*) FROM a'; exit $code"],
            _database.Folder.Path);

        Assert.True(await program.ExitAsync() == 4, program.All);
        Assert.Contains("full", program.All, StringComparison.Ordinal);
        Assert.Contains("Free some space", program.All, StringComparison.Ordinal);
        Assert.Contains("Migration 2 was rolled back as a whole", program.All, StringComparison.Ordinal);
        Assert.EndsWith("\napp.db\n1\n0", program.Output.TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_several_databases_all_are_run_and_the_first_failure_decides_the_code()
    {
        _database.Folder.Write("data/b.db", new string('x', 5000));
        var (code, output, _) = await MigrationHostProgram.RunAsync(_database.Folder.Path,
        [
            "migrate", .. _database.Arguments(),
            "--MigrationHost:Databases:b:ConnectionString=Data Source=data/b.db",
            "--MigrationHost:Databases:c:ConnectionString=Data Source=data/c.db",
        ]);

        Assert.Equal(3, code);
        Assert.Contains("app  ready at 1", output, StringComparison.Ordinal);
        Assert.Contains("b  failed: DatabaseUnreachable", output, StringComparison.Ordinal);
        Assert.Contains("c  ready at 1", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_is_never_shown()
    {
        var (code, output, errors) = await MigrationHostProgram.RunAsync(_database.Folder.Path, ["migrate", "--MigrationHost:Databases:app:ConnectionString=Data Source=data/app.db;Password=hunter2;Colour=red"]);
        Assert.Equal(2, code);
        Assert.DoesNotContain("hunter2", output + errors, StringComparison.Ordinal);

        (code, output, errors) = await MigrationHostProgram.RunAsync(_database.Folder.Path, ["migrate", "--MigrationHost:Databases:app:ConnectionString=Data Source=data/app.db;Password=hunter2"]);
        Assert.True(code is 2 or 3, output + errors);
        Assert.DoesNotContain("hunter2", output + errors, StringComparison.Ordinal);
    }

    private async Task FailsAsync(int expected, string message) => Check(expected, message, await MigrateAsync());

    private async Task FailsAsNobodyAsync(int expected, string message) => Check(expected, message, await AsNobodyAsync());

    private static void Check(int expected, string message, (int Code, string Output, string Errors) result)
    {
        Assert.True(result.Code == expected, $"{result.Code}: {result.Output}{result.Errors}");
        Assert.Contains(message, result.Output + result.Errors, StringComparison.Ordinal);
    }

    private Task<(int Code, string Output, string Errors)> MigrateAsync() => MigrationHostProgram.RunAsync(_database.Folder.Path, ["migrate", .. _database.Arguments()]);

    /// <summary>Permissions mean nothing to root, which the tests may run as.</summary>
    private async Task<(int Code, string Output, string Errors)> AsNobodyAsync()
    {
        await using var program = new RunningProgram("setpriv", [$"--reuid={Nobody}", $"--regid={Nobody}", "--clear-groups", MigrationHostProgram.Path, "migrate", .. _database.Arguments()], _database.Folder.Path);
        var code = await program.ExitAsync();
        return (code, program.Output, program.Errors);
    }

    private void OpenFolderToNobody()
    {
        const UnixFileMode all = (UnixFileMode)0x1FF;
        foreach (var folder in new[] { _database.Folder.Path, _database.Folder["data"], _database.Folder["migrations"] })
            File.SetUnixFileMode(folder, all);
        foreach (var file in Directory.GetFiles(_database.Folder["migrations"]))
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.OtherRead);
    }
}
