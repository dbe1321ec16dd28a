using System.Text.Json;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Program;

/// <summary>The commands as a shell sees them: stdout, stderr, exit codes.</summary>
public sealed class CommandTests : IAsyncLifetime
{
    private readonly SqliteTestDatabase _database = new();

    public Task InitializeAsync()
    {
        _database.Migration("1_create_users", "CREATE TABLE users (id INTEGER);");
        _database.Migration("2_add_orders", "CREATE TABLE orders (id INTEGER);");
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task Migrate_prints_a_line_per_migration_and_a_summary()
    {
        var (code, output, errors) = await RunAsync("migrate");

        Assert.Equal((0, ""), (code, errors));
        var lines = Lines(output);
        Assert.StartsWith("app  applied 1 create users", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("app  applied 2 add orders", lines[1], StringComparison.Ordinal);
        Assert.Equal("app  ready at 2, 2 applied, 0 pending (data/app.db)", lines[2]);

        (code, output, _) = await RunAsync("migrate");
        Assert.Equal((0, "app  ready at 2, 2 applied, 0 pending (data/app.db)"), (code, output.Trim()));
    }

    [Fact]
    public async Task Migrate_in_json_prints_events_and_the_summary_last()
    {
        var (code, output, _) = await RunAsync("migrate", "--json");

        Assert.Equal(0, code);
        var events = Lines(output).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(["1", "2"], events.Where(one => one.GetProperty("event").GetString() == "applied").Select(one => one.GetProperty("migration").GetProperty("version").GetString()));
        var summary = events[^1];
        Assert.Equal(("summary", 0), (summary.GetProperty("event").GetString(), summary.GetProperty("exitCode").GetInt32()));
        Assert.True(summary.GetProperty("status").GetProperty("ready").GetBoolean());
    }

    [Fact]
    public async Task Migrate_stops_at_its_target()
    {
        Assert.Equal(0, (await RunAsync("migrate", "--target", "01")).Code);
        Assert.Equal("1", await _database.HistoryAsync());

        var (code, _, errors) = await RunAsync("migrate", "--target", "3");
        Assert.Equal(2, code);
        Assert.Contains("target 3", errors, StringComparison.Ordinal);

        (code, _, errors) = await RunAsync("migrate", "--target", "latest");
        Assert.Equal(2, code);
        Assert.Contains("a version is a whole number", errors, StringComparison.Ordinal);

        (code, _, errors) = await RunAsync("migrate", "--target", "2", "--MigrationHost:Databases:b:ConnectionString=Data Source=data/b.db");
        Assert.Equal(2, code);
        Assert.Contains("--target needs --database if there are several: app, b", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_and_status_touch_nothing_and_say_what_is_pending()
    {
        Directory.Delete(_database.Folder["data"]);

        var (code, output, _) = await RunAsync("migrate", "--dry-run");
        Assert.Equal(10, code);
        Assert.Contains("pending 1 create users", output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_database.Folder["data"]));

        (code, output, _) = await RunAsync("status", "--json");
        Assert.Equal(10, code);
        var status = JsonDocument.Parse(output).RootElement;
        Assert.False(status.GetProperty("ready").GetBoolean());
        Assert.Equal(2, status.GetProperty("databases")[0].GetProperty("pendingCount").GetInt32());

        await RunAsync("migrate");
        (code, output, _) = await RunAsync("status");
        Assert.Equal(0, code);
        Assert.Contains("applied 2 add orders", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_look_says_that_a_pending_migration_is_half_done()
    {
        _database.Migration("3_fill", "-- migrationhost: transaction=none\nINSERT INTO users VALUES (1);\nINSERT INTO nowhere VALUES (2);\n");
        Assert.Equal(4, (await RunAsync("migrate")).Code);

        foreach (var (look, expected) in new[] { ("status", 10), ("migrate --dry-run", 10), ("validate", 0) })
        {
            var (code, output, _) = await RunAsync(look.Split(' '));
            Assert.Equal(expected, code);
            Assert.Contains("  pending 3 fill (begun: 1 statement done)\n", output, StringComparison.Ordinal);
        }
        var status = JsonDocument.Parse((await RunAsync("status", "--json")).Output).RootElement;
        Assert.Equal(1, status.GetProperty("databases")[0].GetProperty("pending")[0].GetProperty("statementsDone").GetInt32());
        Assert.Contains("migration 3 was begun and is not finished: 1 statement done", (await RunAsync("doctor")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_new_has_made_and_nobody_has_filled_in_is_told_also_by_migrate()
    {
        Assert.Equal(0, (await RunAsync("new", "later")).Code);

        var (code, _, errors) = await RunAsync("migrate");

        Assert.Equal(0, code);
        Assert.Contains("migrations/3_later.sql: has no statements; it is recorded as applied", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_leaves_a_database_in_wal_mode_as_it_is()
    {
        _database.AllowExistingTables = true;
        await _database.QueryAsync("PRAGMA journal_mode = wal; CREATE TABLE a (id INTEGER);");
        var before = Files();

        Assert.Equal(10, (await RunAsync("status")).Code);
        Assert.Equal(before, Files());

        // A log that a killed process left is neither emptied nor removed.
        await using (var writer = await Sqlite3.HoldAsync(_database.Path, "INSERT INTO a VALUES (1);"))
        {
        }
        before = Files();
        Assert.Contains(before, file => file.StartsWith("app.db-wal", StringComparison.Ordinal));
        Assert.Equal(10, (await RunAsync("status")).Code);
        Assert.Equal(before.Where(file => !file.Contains("-shm", StringComparison.Ordinal)), Files().Where(file => !file.Contains("-shm", StringComparison.Ordinal)));

        string[] Files() => [.. Directory.GetFiles(_database.Folder["data"]).Order().Select(file => $"{Path.GetFileName(file)} {new FileInfo(file).Length}")];
    }

    [Theory]
    [InlineData("100%25.db")]
    [InlineData("a b?c=d#e&f.db")]
    [InlineData("back\\slash.db")]
    [InlineData("it's.db")]
    public async Task A_file_may_have_any_name(string name)
    {
        var path = _database.Folder[$"data/{name}"];
        var setting = $"--MigrationHost:Databases:app:ConnectionString=Data Source=data/{name}";
        await Sqlite3.QueryAsync(path, "PRAGMA journal_mode = wal;");

        Assert.Equal(0, (await MigrationHostProgram.RunAsync(_database.Folder.Path, "migrate", setting)).Code);
        var (code, output, errors) = await MigrationHostProgram.RunAsync(_database.Folder.Path, "status", setting);

        Assert.True(code == 0, output + errors);
        Assert.Contains("at 2 of 2", output, StringComparison.Ordinal);
        Assert.Equal([path], Directory.GetFiles(_database.Folder["data"]));
    }

    [Fact]
    public async Task A_link_is_followed_to_the_journals_and_locks_of_its_file()
    {
        await Sqlite3.QueryAsync(_database.Folder["data/real.db"], "PRAGMA journal_mode = wal; CREATE TABLE a (id INTEGER);");
        File.CreateSymbolicLink(_database.Path, _database.Folder["data/real.db"]);
        await using var holder = await Sqlite3.HoldAsync(_database.Path, "BEGIN IMMEDIATE;");

        var (code, output, _) = await RunAsync("locks");

        Assert.Equal(11, code);
        Assert.Contains($"(pid {holder.Pid}) holds WAL WRITE", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("status")]
    [InlineData("migrate")]
    public async Task Who_may_not_read_does_not_say_what_is_applied(string command)
    {
        await RunAsync("migrate");
        await using var holder = await Sqlite3.HoldAsync(_database.Path, "BEGIN EXCLUSIVE;");

        var (code, output, _) = await MigrationHostProgram.RunAsync(_database.Folder.Path, [command, .. _database.Arguments(("Timeouts:Lock", "00:00:00.500"), ("Timeouts:LockAttempt", "00:00:00.500"))]);

        Assert.Equal(5, code);
        Assert.Contains($"sqlite3 (pid {holder.Pid})", output, StringComparison.Ordinal);
        Assert.DoesNotContain("applied:", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("status")]
    [InlineData("doctor")]
    public async Task A_stop_ends_a_look_with_the_signals_code(string command)
    {
        await using var holder = await Sqlite3.HoldAsync(_database.Path, "BEGIN EXCLUSIVE;");
        await using var program = MigrationHostProgram.Start(_database.Folder.Path, [command, .. _database.Arguments(("Timeouts:LockAttempt", "00:01:00"), ("Timeouts:StallAfter", "00:00:00.100"))]);
        await Eventually.BecomesTrueAsync(() => program.Errors.Contains("blocked", StringComparison.Ordinal) || program.HasExited, () => program.All);

        program.Signal(System.Runtime.InteropServices.PosixSignal.SIGTERM);

        Assert.True(await program.ExitAsync() == 143, program.All);
    }

    /// <summary>The kernel spares the first process of a PID namespace, as every container has one, from signals that it does not handle.</summary>
    [Fact]
    public async Task A_stop_ends_a_containers_first_process_also_where_there_is_nothing_to_roll_back()
    {
        using var silent = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        silent.Start();
        await using var container = new RunningProgram("unshare", ["--map-root-user", "--pid", "--fork", "--kill-child", MigrationHostProgram.Path, "healthcheck", "--url", $"http://{silent.LocalEndpoint}"], _database.Folder.Path);
        using var asked = await silent.AcceptSocketAsync();

        var first = File.ReadAllText($"/proc/{container.Pid}/task/{container.Pid}/children").Trim();
        await using var kill = new RunningProgram("kill", ["-TERM", first]);

        Assert.True(await container.ExitAsync() == 143, container.All);
    }

    [Fact]
    public async Task On_a_terminal_80_columns_show_how_long_who_and_what()
    {
        await using var holder = await Sqlite3.HoldAsync(_database.Path, "BEGIN IMMEDIATE;");
        var arguments = string.Join(' ', _database.Arguments(("Timeouts:Lock", "00:00:02"), ("Timeouts:StallAfter", "00:00:00.100")).Select(argument => $"'{argument}'"));
        await using var terminal = new RunningProgram("script", ["-qec", $"stty cols 80; '{MigrationHostProgram.Path}' migrate {arguments}", "/dev/null"], _database.Folder.Path);

        Assert.Equal(5, await terminal.ExitAsync());
        Assert.Contains(terminal.Output.Split('\n', '\r'), line => System.Text.RegularExpressions.Regex.IsMatch(line, $@"app  \d.* of 2 s: sqlite3 \(pid {holder.Pid}\) holds RESERVED; waiting for the w"));
    }

    [Fact]
    public async Task Locks_has_colours_on_a_terminal_only_and_only_if_the_user_will_have_them()
    {
        await using var holder = await Sqlite3.HoldAsync(_database.Path, "BEGIN IMMEDIATE;");
        var locks = $"'{MigrationHostProgram.Path}' locks {string.Join(' ', _database.Arguments().Select(argument => $"'{argument}'"))}";
        await using var terminal = new RunningProgram(
            "script",
            ["-qec", $"env -u NO_COLOR {locks}; echo; NO_COLOR=1 {locks}; {locks} --no-color; env -u NO_COLOR {locks} | cat", "/dev/null"],
            _database.Folder.Path);

        Assert.Equal(0, await terminal.ExitAsync());
        var answers = terminal.Output.Split('\n').Where(line => line.Contains("holds RESERVED", StringComparison.Ordinal)).Select(line => line.TrimEnd()).ToList();
        Assert.Equal(4, answers.Count);
        Assert.StartsWith($"  \e[1;31msqlite3 (pid {holder.Pid})\e[0m holds", answers[0], StringComparison.Ordinal);
        Assert.All(answers.Skip(1), answer => Assert.StartsWith($"  sqlite3 (pid {holder.Pid}) holds", answer, StringComparison.Ordinal));
        Assert.Equal(4, terminal.Output.Split($"kill {holder.Pid}").Length - 1);
    }

    [Fact]
    public async Task Locks_tells_who_holds_what()
    {
        Assert.Equal(0, (await RunAsync("locks")).Code);

        await using var holder = await Sqlite3.HoldAsync(_database.Path, "BEGIN IMMEDIATE;");
        var (code, output, _) = await RunAsync("locks", "--json");
        Assert.Equal(11, code);
        var report = JsonDocument.Parse(output).RootElement[0];
        Assert.True(report.GetProperty("complete").GetBoolean());
        Assert.Equal((holder.Pid, "sqlite3", "RESERVED"), (report.GetProperty("holders")[0].GetProperty("pid").GetInt32(), report.GetProperty("holders")[0].GetProperty("program").GetString(), report.GetProperty("holders")[0].GetProperty("holds").GetString()));

        (code, output, _) = await RunAsync("locks");
        Assert.Equal(11, code);
        Assert.Contains($"sqlite3 (pid {holder.Pid}) holds RESERVED on app.db", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Locks_that_could_not_be_looked_at_are_not_shown_as_nobodys()
    {
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        var port = ((System.Net.IPEndPoint)taken.LocalEndpoint).Port;
        taken.Stop();

        var (code, output, _) = await MigrationHostProgram.RunAsync(_database.Folder.Path, ["locks", "--MigrationHost:Databases:app:Provider=PostgreSql", $"--MigrationHost:Databases:app:ConnectionString=Host=127.0.0.1;Port={port};Database=app;Username=app", "--MigrationHost:Databases:app:Migrations=migrations"]);

        Assert.Equal(3, code);
        Assert.Contains("no lock holder is visible", output, StringComparison.Ordinal);
        Assert.Contains("Connection refused", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Locks_watch_prints_one_document_a_line_until_it_is_stopped()
    {
        await using var program = MigrationHostProgram.Start(_database.Folder.Path, ["locks", "--watch", "--json", .. _database.Arguments()]);
        await Eventually.BecomesTrueAsync(() => Lines(program.Output).Length >= 2, () => program.All);

        program.Signal(System.Runtime.InteropServices.PosixSignal.SIGTERM);

        Assert.Equal(0, await program.ExitAsync());
        Assert.All(Lines(program.Output), line => JsonDocument.Parse(line));
    }

    [Fact]
    public async Task Doctor_finds_nothing_in_a_healthy_database_and_names_what_is_wrong()
    {
        await RunAsync("migrate");
        var (code, output, _) = await RunAsync("doctor", "--json");
        Assert.Equal(0, code);
        var report = JsonDocument.Parse(output).RootElement;
        Assert.True(report.GetProperty("ok").GetBoolean());
        Assert.All(report.GetProperty("checks").EnumerateArray(), check => Assert.True(check.GetProperty("result").GetString() == "ok", check.ToString()));
        Assert.Equal(["database", "check", "result", "message", "remedy", "file", "line"], report.GetProperty("checks")[0].EnumerateObject().Select(property => property.Name));

        _database.Migration("3_broken", "");
        _database.Folder.Write("migrations/late.sql", "SELECT 1;");
        (code, output, _) = await RunAsync("doctor", "--json");
        Assert.Equal(12, code);
        var problems = JsonDocument.Parse(output).RootElement.GetProperty("checks").EnumerateArray().Where(check => check.GetProperty("result").GetString() == "problem").ToList();
        Assert.Contains(problems, check => check.GetProperty("file").GetString() == "migrations/3_broken.sql");
        Assert.Contains(problems, check => check.GetProperty("file").GetString() == "migrations/late.sql");

        (code, output, _) = await RunAsync("doctor", "--MigrationHost:Startupp=Gate");
        Assert.Equal(12, code);
        Assert.Contains("did you mean 'Startup'?", output, StringComparison.Ordinal);
    }

    /// <summary>SQLite looks into a journal that is left behind, and nobody ever writes into this one.</summary>
    [Fact]
    public async Task A_doctor_who_looks_at_what_does_not_answer_ends_when_told_to()
    {
        await RunAsync("migrate");
        await _database.Folder.MakePipeAsync("data/app.db-journal");
        await using var program = new RunningProgram(MigrationHostProgram.Path, ["doctor", .. _database.Arguments()], _database.Folder.Path);
        await Eventually.BecomesTrueAsync(() => Processes.HasThread(program.Pid, "migrationhost-s"), () => program.All);

        program.Signal(System.Runtime.InteropServices.PosixSignal.SIGTERM);

        Assert.Equal(143, await program.ExitAsync());
    }

    [Theory]
    [InlineData("migarte", "did you mean 'migrate'?")]
    [InlineData("migrate --dryrun", "did you mean '--dry-run'?")]
    [InlineData("status --jsno", "did you mean '--json'?")]
    [InlineData("migrate --progrss", "the second argument is not a command or option of migrate; choose from --target")]
    [InlineData("migrate --database ap", "--database: there is no such database; did you mean 'app'?")]
    [InlineData("resolve 1", "say --applied if")]
    [InlineData("resolve one --retry", "VERSION: a version is a whole number")]
    [InlineData("resolve", "VERSION is missing")]
    [InlineData("baseline one", "VERSION: a version is a whole number")]
    [InlineData("baseline", "VERSION is missing")]
    [InlineData("migrate --MigrationHost:OnFailure=Stop", "MigrationHost:OnFailure: the value is not known; choose from StayUnready, StopHost")]
    public async Task A_wrong_command_or_option_names_the_nearest_right_one(string arguments, string message)
    {
        var (code, output, errors) = await RunAsync(arguments.Split(' '));

        Assert.Equal((2, ""), (code, output));
        Assert.Contains(message, errors, StringComparison.Ordinal);
        Assert.False(File.Exists(_database.Path));
    }

    [Theory]
    [InlineData("serve")]
    [InlineData("migrate")]
    [InlineData("status")]
    [InlineData("locks")]
    [InlineData("resolve")]
    [InlineData("baseline")]
    [InlineData("doctor")]
    [InlineData("healthcheck")]
    public async Task Every_help_shows_an_example(string command)
    {
        var (code, output, _) = await MigrationHostProgram.RunAsync(_database.Folder.Path, command, "--help");

        Assert.Equal(0, code);
        Assert.Contains($"Example: migrationhost {command}", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_help_lists_the_commands_and_the_version_is_the_products()
    {
        var (code, output, _) = await MigrationHostProgram.RunAsync(_database.Folder.Path, "--help");
        Assert.Equal(0, code);
        Assert.All(new[] { "serve", "migrate", "status", "locks", "resolve", "baseline", "doctor", "healthcheck", "migrationhost [command]" }, word => Assert.Contains(word, output, StringComparison.Ordinal));

        (code, output, _) = await MigrationHostProgram.RunAsync(_database.Folder.Path, "--version");
        Assert.Equal((0, "0.1.0"), (code, output.Trim()));
    }

    private Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments) =>
        MigrationHostProgram.RunAsync(_database.Folder.Path, [.. arguments, .. _database.Arguments()]);

    private static string[] Lines(string output) => output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
