using System.Text.Json;
using System.Text.RegularExpressions;
using MigrationHost.Databases.Sqlite;
using MigrationHost.Platform;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Sqlite;

/// <summary>What is said of a holder: the command that ends it, and whether others may be hidden.</summary>
public sealed partial class SqliteHolderTests
{
    private static readonly string[] InNamespace = ["--map-root-user", "--pid", "--fork", "--mount-proc"];

    [Theory]
    [InlineData("sh", "-c", "exec sqlite3 -batch app.db", "kill ")]
    [InlineData("sh", "-c", "trap '' TERM; exec sqlite3 -batch app.db", "kill -KILL ")]
    [InlineData("unshare", "--pid --fork", "sqlite3 -batch app.db", "kill -KILL ")]
    public async Task The_command_in_the_remedy_ends_the_holder(string program, string options, string holder, string expected)
    {
        await using var database = new SqliteTestDatabase { AllowExistingTables = true };
        await database.QueryAsync("CREATE TABLE a (id INTEGER)");
        string[] arguments = program == "sh" ? [options, holder] : [.. options.Split(' '), .. holder.Split(' ')];
        await using var shell = new RunningProgram(program, arguments, database.Folder["data"]);
        await shell.WriteLineAsync("BEGIN IMMEDIATE;");
        await using var host = database.Host();
        var blocker = await HolderAsync(host);

        var command = Command().Match(blocker.Hint!).Value;
        Assert.StartsWith(expected, command, StringComparison.Ordinal);
        await using var kill = new RunningProgram("sh", ["-c", command]);
        Assert.Equal(0, await kill.ExitAsync());

        await Eventually.BecomesTrueAsync(async () => (await host.DiagnoseAsync()).Report.Holders.Count == 0);
    }

    [Fact]
    public async Task The_command_in_the_remedy_ends_a_holder_that_was_stopped()
    {
        await using var database = new SqliteTestDatabase { AllowExistingTables = true };
        await database.QueryAsync("CREATE TABLE a (id INTEGER)");
        await using var shell = await Sqlite3.HoldAsync(database.Path, "BEGIN IMMEDIATE;");
        shell.Stop();
        await using var host = database.Host();
        var blocker = await Eventually.GivesAsync(
            () => HolderAsync(host)!, blocker => blocker.State!.Contains("is stopped", StringComparison.Ordinal));

        Assert.Contains($"kill -CONT {shell.Pid}", blocker.Hint, StringComparison.Ordinal);
        await using var kill = new RunningProgram("sh", ["-c", Command().Match(blocker.Hint!).Value]);
        await kill.ExitAsync();

        await Eventually.BecomesTrueAsync(async () => (await host.DiagnoseAsync()).Report.Holders.Count == 0);
    }

    [Theory]
    [InlineData("S", "1000 7", "0", "0", "kill 4837")]
    [InlineData("T", "1000 7", "0", "0", "kill -KILL 4837")]
    [InlineData("t", "1000 7", "0", "0", "kill -KILL 4837")]
    [InlineData("S", "4837", "4000", "0", "kill -KILL 4837")]
    [InlineData("S", "4837 1", "0", "0", "kill -KILL 4837")]
    [InlineData("S", "4837 1", "0", "4000", "kill 4837")]
    [InlineData("S", "1", "0", "4000", "kill 4837")]
    [InlineData("S", "1", "0", "0", null)]
    public void The_signal_that_ends_a_process_depends_on_what_it_does_with_it(
        string state, string pids, string ignored, string caught, string? expected)
    {
        var status = ProcessStatus.Parse(
            $"Name:\tx\nState:\t{state} (any)\nTracerPid:\t0\nUid:\t0\t0\t0\t0\nNSpid:\t{pids.Replace(' ', '\t')}\n"
            + $"Threads:\t1\nSigBlk:\t0\nSigIgn:\t{ignored}\nSigCgt:\t{caught}\n");

        Assert.Equal(expected, status!.KillCommand(4837));
    }

    [Fact]
    public async Task The_lock_of_an_open_file_has_no_owner_and_nobody_is_to_be_killed_for_it()
    {
        await using var database = new SqliteTestDatabase { AllowExistingTables = true };
        await database.QueryAsync("CREATE TABLE a (id INTEGER)");
        const string hold =
            """
            import fcntl, struct, sys, time
            file = open(sys.argv[1], 'r+b')
            fcntl.fcntl(file, 37, struct.pack('hhqqi4x', 1, 0, 0x40000001, 1, 0))
            print('held it is', flush=True)
            time.sleep(600)
            """;
        await using var python = new RunningProgram("python3", ["-c", hold, database.Path]);
        await Eventually.BecomesTrueAsync(() => python.Output.Contains("held it is", StringComparison.Ordinal), () => python.All);
        database.Migration("1_pending", "INSERT INTO a VALUES (1);");
        await using var host = database.Host(("Timeouts:StallAfter", "00:00:00.100"), ("Timeouts:Lock", "00:00:02"));
        var run = host.MigrateAsync();

        var one = Assert.Single((await host.StatusAsync(status => status.Blocked || run.IsCompleted)).Blockers);

        Assert.Equal((null, null, "RESERVED"), (one.Pid, one.Program, one.Holds));
        Assert.DoesNotContain("kill", one.Hint, StringComparison.Ordinal);
        Assert.Contains("fuser -v", one.Hint, StringComparison.Ordinal);
        Assert.Equal(MigrationErrorCode.Blocked, (await run)?.Code);
    }

    [Theory]
    [InlineData(false, "BEGIN; SELECT count(*) FROM a;", "INSERT INTO a VALUES (1);", "SHARED")]
    [InlineData(false, "BEGIN IMMEDIATE;", "INSERT INTO a VALUES (1);", "RESERVED")]
    [InlineData(false, "BEGIN EXCLUSIVE;", "INSERT INTO a VALUES (1);", "EXCLUSIVE")]
    [InlineData(true, "BEGIN IMMEDIATE;", "INSERT INTO a VALUES (1);", "WAL WRITE")]
    [InlineData(true, "SELECT 1 FROM a;", "-- migrationhost: transaction=none\nPRAGMA journal_mode = delete;", "CONNECTED")]
    public async Task A_holder_in_another_pid_namespace_is_told_as_one_that_is_not_visible(
        bool wal, string holds, string script, string expected)
    {
        await using var database = new SqliteTestDatabase(wal) { AllowExistingTables = true };
        await database.QueryAsync("CREATE TABLE a (id INTEGER)");
        database.Migration("1_pending", script);
        await using var holder = await Sqlite3.HoldAsync(database.Path, holds);
        await using var inside = new RunningProgram(
            "unshare",
            [
                .. InNamespace, MigrationHostProgram.Path, "migrate",
                .. database.Arguments(("Timeouts:Lock", "00:00:02"), ("Timeouts:StallAfter", "00:00:00.200")),
            ],
            database.Folder.Path);

        Assert.True(await inside.ExitAsync() == 5, inside.All);
        Assert.Contains($"holds {expected} on app.db (in another PID namespace", inside.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("this process holds it", inside.All, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_a_pid_namespace_a_leak_of_this_process_is_still_told_from_a_hidden_holder()
    {
        await using var database = new SqliteTestDatabase(wal: true) { AllowExistingTables = true };
        await database.QueryAsync("CREATE TABLE a (id INTEGER)");
        await using var connection = database.Open();
        SqliteTestDatabase.Run(connection, "SELECT count(*) FROM a");

        // The kernel's answer is the same in a namespace: no other process has a lock there.
        var answer = SqliteProbe.WhoHoldsUp(database.Path, SqliteActivity.WaitsForAll, inWalMode: true);
        Assert.Equal(LockConflictKind.Nobody, answer?.Holder.Kind);

        await using var holder = await Sqlite3.HoldAsync(database.Path, "SELECT count(*) FROM a;");
        var other = SqliteProbe.WhoHoldsUp(database.Path, SqliteActivity.WaitsForAll, inWalMode: true);
        Assert.Equal((LockConflictKind.Process, holder.Pid), (other!.Value.Holder.Kind, other.Value.Holder.Pid!.Value));
    }

    [Fact]
    public async Task In_a_pid_namespace_one_visible_reader_does_not_make_the_answer_complete()
    {
        await using var database = new SqliteTestDatabase { AllowExistingTables = true };
        await database.QueryAsync("CREATE TABLE a (id INTEGER)");
        var arguments = string.Join(' ', database.Arguments().Select(argument => $"'{argument}'"));
        var script = $"(echo 'BEGIN; SELECT count(*) FROM a;'; sleep 100) | sqlite3 -batch data/app.db >out & "
            + $"while ! grep -q 0 out; do sleep 0.1; done; exec '{MigrationHostProgram.Path}' locks --json {arguments}";
        await using var inside = new RunningProgram("unshare", [.. InNamespace, "sh", "-c", script], database.Folder.Path);

        Assert.True(await inside.ExitAsync() == 11, inside.All);
        var report = JsonDocument.Parse(inside.Output).RootElement[0];
        Assert.Equal("SHARED", report.GetProperty("holders")[0].GetProperty("holds").GetString());
        Assert.False(report.GetProperty("complete").GetBoolean());
        Assert.Contains("more holders may be in other containers", report.GetProperty("note").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_a_pid_namespace_nobody_visible_is_not_called_nobody()
    {
        await using var database = new SqliteTestDatabase { AllowExistingTables = true };
        await using var holder = await Sqlite3.HoldAsync(database.Path, "BEGIN EXCLUSIVE;");
        await using var locks = new RunningProgram(
            "unshare", [.. InNamespace, MigrationHostProgram.Path, "locks", "--json", .. database.Arguments()], database.Folder.Path);

        Assert.True(await locks.ExitAsync() == 3, locks.All);
        Assert.Contains("\"complete\":false,\"note\":\"no lock holder is visible", locks.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_a_pid_namespace_doctor_warns_that_a_holder_may_be_hidden()
    {
        await using var database = new SqliteTestDatabase();
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        await using var holder = await Sqlite3.HoldAsync(database.Path, "BEGIN IMMEDIATE;");
        await using var doctor = new RunningProgram(
            "unshare", [.. InNamespace, MigrationHostProgram.Path, "doctor", .. database.Arguments()], database.Folder.Path);

        await doctor.ExitAsync();
        Assert.Contains("warning  app  locks: whether somebody holds a lock is not known: no lock holder is visible", doctor.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_and_locks_name_the_reader_that_a_migration_waits_for_and_not_the_migration()
    {
        await using var database = new SqliteTestDatabase { AllowExistingTables = true };
        await database.QueryAsync("CREATE TABLE a (id INTEGER)");
        database.Migration("1_add", "INSERT INTO a VALUES (1);");
        await using var reader = await Sqlite3.HoldAsync(database.Path, "BEGIN; SELECT count(*) FROM a;");
        await using var instance = MigrationHostProgram.Start(
            database.Folder.Path, ["migrate", .. database.Arguments(("Timeouts:LockAttempt", "00:01:00"))]);
        await using var host = database.Host();
        await Eventually.BecomesTrueAsync(async () => (await host.DiagnoseAsync()).Report.Waiters.Count > 0, () => instance.All);

        foreach (var command in new[] { "doctor", "locks" })
        {
            var (_, output, _) = await MigrationHostProgram.RunAsync(database.Folder.Path, [command, .. database.Arguments()]);
            Assert.Contains($"or end it: kill {reader.Pid}", output, StringComparison.Ordinal);
            Assert.DoesNotContain($"kill {instance.Pid}", output, StringComparison.Ordinal);
        }
        await reader.ReleaseAsync();
        Assert.True(await instance.ExitAsync() == 0, instance.All);
    }

    [Fact]
    public async Task A_migration_that_nobody_holds_up_is_to_be_let_finish()
    {
        await using var database = new SqliteTestDatabase();
        database.Migration("1_slow", $"CREATE TABLE a (id INTEGER);\n{database.Endless}");
        await using var instance = MigrationHostProgram.Start(database.Folder.Path, ["migrate", .. database.Arguments()]);
        await using var host = database.Host();
        await Eventually.BecomesTrueAsync(
            async () => (await host.DiagnoseAsync()).Report.Holders is [{ Holds: "RESERVED" }, { Holds: "TURN" }], () => instance.All);

        foreach (var command in new[] { "doctor", "locks" })
        {
            var (_, output, _) = await MigrationHostProgram.RunAsync(database.Folder.Path, [command, .. database.Arguments()]);
            Assert.Contains("another MigrationHost instance has the turn; it is handed on when that one finishes or ends", output, StringComparison.Ordinal);
            Assert.DoesNotContain("kill ", output, StringComparison.Ordinal);
        }
        instance.KillNow();
        await instance.ExitAsync();
    }

    [Fact]
    public async Task A_holder_whose_process_is_hidden_from_this_user_is_named_by_its_pid()
    {
        await using var database = new SqliteTestDatabase { AllowExistingTables = true };
        await database.QueryAsync("CREATE TABLE a (id INTEGER)");
        database.OpenToEverybody();
        await using var holder = await Sqlite3.HoldAsync(database.Path, "BEGIN IMMEDIATE;");
        var arguments = string.Join(' ', database.Arguments().Select(argument => $"'{argument}'"));
        await using var locks = new RunningProgram(
            "unshare",
            [
                "--mount", "sh", "-c",
                "mount -t proc -o hidepid=2 proc /proc; "
                + $"exec setpriv --reuid=65534 --regid=65534 --clear-groups '{MigrationHostProgram.Path}' locks --json {arguments}",
            ],
            database.Folder.Path);

        Assert.True(await locks.ExitAsync() == 11, locks.All);
        var one = JsonDocument.Parse(locks.Output).RootElement[0].GetProperty("holders")[0];
        Assert.Equal(holder.Pid, one.GetProperty("pid").GetInt32());
        Assert.EndsWith($"kill {holder.Pid}, as root or as its user", one.GetProperty("hint").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_journal_that_was_finished_with_is_not_called_hot()
    {
        await using var database = new SqliteTestDatabase { AllowExistingTables = true };
        await database.QueryAsync("PRAGMA journal_mode = persist; CREATE TABLE a (id INTEGER); INSERT INTO a VALUES (1);");
        database.Migration("1_pending", "INSERT INTO a VALUES (2);");
        Assert.True(new FileInfo(database.Path + "-journal").Length > 0);
        await using var host = database.Host();

        Assert.Null((await host.DiagnoseAsync()).Report.Note);
        var (code, output, _) = await MigrationHostProgram.RunAsync(database.Folder.Path, ["doctor", .. database.Arguments()]);
        Assert.Contains("leftovers: no journal left behind", output, StringComparison.Ordinal);
        Assert.Equal(0, code);
    }

    [Theory]
    [InlineData("delete")]
    [InlineData("truncate")]
    [InlineData("persist")]
    public async Task A_journal_of_one_who_commits_again_and_again_is_never_called_hot(string mode)
    {
        await using var database = new SqliteTestDatabase { AllowExistingTables = true };
        await database.QueryAsync("CREATE TABLE a (id INTEGER)");
        const string commit =
            """
            import sqlite3, sys
            connection = sqlite3.connect(sys.argv[1], isolation_level=None)
            connection.execute('pragma journal_mode=' + sys.argv[2])
            connection.execute('pragma synchronous=off')
            print('begun', flush=True)
            while True: connection.execute('insert into a values (1)')
            """;
        await using var python = new RunningProgram("python3", ["-c", commit, database.Path, mode]);
        await Eventually.BecomesTrueAsync(() => python.Output.Contains("begun", StringComparison.Ordinal), () => python.All);
        await using var host = database.Host();

        for (var i = 0; i < 200; i++)
            Assert.Null((await host.DiagnoseAsync()).Report.Note);
        Assert.False(python.HasExited, python.All);
    }

    [Fact]
    public async Task The_journal_of_a_writer_that_may_be_hidden_is_not_called_hot()
    {
        await using var database = new SqliteTestDatabase { AllowExistingTables = true };
        await database.QueryAsync("CREATE TABLE a (id INTEGER, text TEXT)");
        await using var writer = await Sqlite3.HoldAsync(
            database.Path,
            "PRAGMA cache_size = 10; BEGIN; INSERT INTO a WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 5000) "
            + "SELECT x, hex(randomblob(100)) FROM n;");
        await using var locks = new RunningProgram(
            "unshare", [.. InNamespace, MigrationHostProgram.Path, "locks", "--json", .. database.Arguments()], database.Folder.Path);

        await locks.ExitAsync();
        Assert.Contains("a process is writing, or was ended while it wrote", locks.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("hot journal", locks.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("this is not a database, and longer than a header has to be")]
    [InlineData("short")]
    public async Task Locks_of_a_file_that_is_not_a_database_ends_with_3(string content)
    {
        await using var database = new SqliteTestDatabase { AllowExistingTables = true };
        database.Folder.Write("data/app.db", content);

        var (code, output, errors) = await MigrationHostProgram.RunAsync(
            database.Folder.Path, ["locks", "--json", .. database.Arguments()]);

        Assert.True(code == 3, output + errors);
        Assert.Contains(
            "\"complete\":false,\"note\":\"data/app.db is not an SQLite database, or is encrypted\"", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Locks_of_a_database_without_anything_in_it_ends_with_0()
    {
        await using var database = new SqliteTestDatabase { AllowExistingTables = true };
        Assert.Equal(0, (await MigrationHostProgram.RunAsync(database.Folder.Path, ["locks", .. database.Arguments()])).Code);
        database.Folder.Write("data/app.db", "");
        Assert.Equal(0, (await MigrationHostProgram.RunAsync(database.Folder.Path, ["locks", .. database.Arguments()])).Code);
    }

    private static async Task<Blocker> HolderAsync(TestHost host) =>
        (await Eventually.GivesAsync(
            async () => (LockReport?)(await host.DiagnoseAsync()).Report,
            report => report.Holders.Any(holder => holder.Holds == "RESERVED"))).Holders[0];

    [GeneratedRegex(@"kill (-KILL )?\d+$")]
    private static partial Regex Command();
}
