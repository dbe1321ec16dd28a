using System.Diagnostics;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Alembic;

/// <summary>The ways in which <c>alembic upgrade</c> comes to hang, each ended in its time with the right reason, and nothing of it left.</summary>
public sealed class AlembicHangTests : IDisposable
{
    private const string Next = "f00000000001";
    private const double Lock = 4;
    private const double Grace = 2;

    private readonly AlembicFolder _folder = new();

    [Fact]
    public async Task Another_process_that_holds_the_write_lock_is_named_while_it_lasts_and_in_the_end()
    {
        _folder.Replace("alembic.ini", "sqlite:///shop.db", "sqlite:///shop.db?timeout=100000");
        await using var holder = await Sqlite3.HoldAsync(_folder.Database, "CREATE TABLE mine (id INTEGER); BEGIN IMMEDIATE;");
        await using (var serving = await ServingProgram.StartAsync(_folder.Path, AlembicRun.Settings(_folder, AlembicRun.Limits(Lock, Grace))))
        {
            var database = await serving.DatabaseAsync(status => status.GetProperty("blocked").GetBoolean());
            Assert.Equal((holder.Pid, "sqlite3", "RESERVED"), (database.GetProperty("blockers")[0].GetProperty("pid").GetInt32(), database.GetProperty("blockers")[0].GetProperty("program").GetString(), database.GetProperty("blockers")[0].GetProperty("holds").GetString()));
            Assert.Equal(4000, database.GetProperty("waitingFor").GetProperty("limitMs").GetInt64());
        }

        var began = Stopwatch.GetTimestamp();
        var (code, output, _) = await AlembicRun.MigrateAsync(_folder, AlembicRun.Limits(Lock, Grace));
        Assert.Equal(5, code);
        Assert.InRange(Stopwatch.GetElapsedTime(began).TotalSeconds, Lock, Lock + Grace + BusyMachine.Late);
        Assert.Contains($"alembic is blocked: sqlite3 (pid {holder.Pid}) holds RESERVED on shop.db", output, StringComparison.Ordinal);

        await holder.ReleaseAsync();
        Assert.Equal(0, (await AlembicRun.MigrateAsync(_folder)).Code);
    }

    [Fact]
    public async Task A_driver_that_waits_less_than_we_do_is_run_again_until_the_lock_is_free_or_the_time_is_up()
    {
        _folder.Replace("alembic.ini", "sqlite:///shop.db", "sqlite:///shop.db?timeout=0.2");
        await using var holder = await Sqlite3.HoldAsync(_folder.Database, "CREATE TABLE mine (id INTEGER); BEGIN IMMEDIATE;");
        var (code, output, _) = await AlembicRun.MigrateAsync(_folder, AlembicRun.Limits(Lock, Grace));
        Assert.Equal(5, code);
        Assert.Contains($"sqlite3 (pid {holder.Pid}) holds RESERVED on shop.db", output, StringComparison.Ordinal);

        await using var program = MigrationHostProgram.Start(_folder.Path, ["migrate", .. AlembicRun.Settings(_folder, AlembicRun.Limits())]);
        await Eventually.BecomesTrueAsync(() => program.Errors.Contains("gave up waiting for a lock and changed nothing", StringComparison.Ordinal), () => program.All);
        await holder.ReleaseAsync();
        Assert.True(await program.ExitAsync() == 0, program.All);
    }

    [Fact]
    public async Task The_work_of_earlier_revisions_is_no_wait_for_the_lock()
    {
        _folder.Revision(Next, AlembicFolder.Head, $"import time\ntime.sleep({Lock + 1})");
        _folder.Revision("f00000000002", Next, "import os, sqlite3\nif not os.path.exists('tried'):\n    open('tried', 'w').close()\n    raise sqlite3.OperationalError('database is locked')");

        var (code, output, log) = await AlembicRun.MigrateAsync(_folder, AlembicRun.Limits(Lock, Grace));
        Assert.True(code == 0, output + log);
        Assert.Contains("gave up waiting for a lock and changed nothing", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_env_py_that_blocks_itself_is_told_with_its_line()
    {
        _folder.Replace("alembic.ini", "sqlite:///shop.db", "sqlite:///shop.db?timeout=100000");
        _folder.Replace("migrations/env.py", "        poolclass=pool.NullPool,\n", "        poolclass=pool.NullPool,\n        future=True,\n");
        _folder.Replace("migrations/env.py", "        context.configure(\n            connection", "        connection.exec_driver_sql(\"INSERT INTO mine VALUES (1)\")\n        with connectable.connect() as audit:\n            audit.exec_driver_sql(\"INSERT INTO mine VALUES (2)\")\n        context.configure(\n            connection");
        await Sqlite3.QueryAsync(_folder.Database, "CREATE TABLE mine (id INTEGER)");

        var (code, output, log) = await AlembicRun.MigrateAsync(_folder, AlembicRun.Limits(Lock, Grace));
        Assert.True(code == 5, output + log);
        var line = _folder.LineOf("migrations/env.py", "as audit");
        Assert.Contains($"failed: Blocked: migrations/env.py:{line}: waited 4 s for the lock that alembic needs: alembic blocks itself: ", output, StringComparison.Ordinal);
        Assert.Contains($"remedy: migrations/env.py:{line} opens a second connection while that of line {_folder.LineOf("migrations/env.py", "as connection")} is open", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_env_py_that_blocks_itself_is_told_even_if_the_driver_gives_up_by_itself()
    {
        _folder.Replace("alembic.ini", "sqlite:///shop.db", "sqlite:///shop.db?timeout=4");
        _folder.Replace("migrations/env.py", "        poolclass=pool.NullPool,\n", "        poolclass=pool.NullPool,\n        future=True,\n");
        _folder.Replace("migrations/env.py", "        context.configure(\n            connection", "        connection.exec_driver_sql(\"INSERT INTO mine VALUES (1)\")\n        with connectable.connect() as audit:\n            audit.exec_driver_sql(\"INSERT INTO mine VALUES (2)\")\n        context.configure(\n            connection");
        await Sqlite3.QueryAsync(_folder.Database, "CREATE TABLE mine (id INTEGER)");

        var (code, output, log) = await AlembicRun.MigrateAsync(_folder, AlembicRun.Limits());
        Assert.True(code == 5, output + log);
        var line = _folder.LineOf("migrations/env.py", "as audit");
        Assert.Matches($@"failed: Blocked: migrations/env\.py:{line}: waited \S+ s for the lock that alembic needs: .*database is locked; alembic blocks itself: ", output);
        Assert.Contains($"remedy: migrations/env.py:{line} opens a second connection", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_transaction_that_the_applications_own_process_left_open_is_told()
    {
        _folder.Replace("alembic.ini", "sqlite:///shop.db", "sqlite:///shop.db?timeout=100000");
        Environment.SetEnvironmentVariable("MIGRATIONHOST_PROGRAM", MigrationHostProgram.Path);
        using var forgotten = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={_folder.Database};Pooling=False");
        forgotten.Open();
        using var transaction = forgotten.BeginTransaction(deferred: false);
        await using var host = new TestHost(_folder.Path, Settings(AlembicRun.Limits(Lock, Grace)));
        host.Watchdog.Start();

        var error = await host.MigrateAsync();

        Assert.Equal(MigrationErrorCode.Blocked, error?.Code);
        Assert.Contains(", this process) holds RESERVED on shop.db", error!.Message, StringComparison.Ordinal);
        Assert.Contains("this process holds it: a connection opened elsewhere in the application", error.Hint, StringComparison.Ordinal);
        Assert.Empty(AlembicRun.ProcessesIn(_folder.Path));
    }

    [Theory]
    [InlineData("while True: pass", "alembic worked for 15 s, the limit of one migration, and was ended")]
    [InlineData("import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: time.sleep(1)", "no output and hardly any CPU time")]
    public async Task A_revision_that_never_ends_is_ended_whatever_it_does_with_signals(string body, string message)
    {
        _folder.Revision(Next, AlembicFolder.Head, body);
        var began = Stopwatch.GetTimestamp();
        var (code, output, log) = await AlembicRun.MigrateAsync(_folder, AlembicRun.Limits(graceSeconds: Grace, migrationSeconds: AlembicRun.TimeToBegin));

        Assert.True(code == 6, output + log);
        Assert.InRange(Stopwatch.GetElapsedTime(began).TotalSeconds, AlembicRun.TimeToBegin, AlembicRun.TimeToBegin + Grace + BusyMachine.Late);
        Assert.Contains(message, output, StringComparison.Ordinal);
        Assert.Equal(AlembicFolder.Head, await Sqlite3.QueryAsync(_folder.Database, "SELECT version_num FROM alembic_version"));
    }

    [Fact]
    public async Task A_revision_that_waits_for_input_gets_none_and_fails_with_its_line()
    {
        _folder.Revision(Next, AlembicFolder.Head, "input('really? ')");
        var (code, output, _) = await AlembicRun.MigrateAsync(_folder);

        Assert.Equal(8, code);
        Assert.Contains($"alembic failed in {Next}: migrations/versions/{Next}_added.py:10: EOFError: EOF when reading a line", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_grandchild_that_keeps_the_pipe_open_is_ended_with_the_tool()
    {
        _folder.Revision(Next, AlembicFolder.Head, "import subprocess\nsubprocess.Popen(['sleep', '1000'], start_new_session=True)");
        var began = Stopwatch.GetTimestamp();
        var (code, output, log) = await AlembicRun.MigrateAsync(_folder, AlembicRun.Limits(graceSeconds: Grace));

        Assert.True(code == 0, output + log);
        Assert.InRange(Stopwatch.GetElapsedTime(began).TotalSeconds, 0, Grace + BusyMachine.Late);
    }

    [Fact]
    public async Task Nothing_of_the_tool_outlives_us()
    {
        _folder.Revision(Next, AlembicFolder.Head, "import time\nprint('sleeps', flush=True)\ntime.sleep(1000)");
        await using var program = MigrationHostProgram.Start(_folder.Path, ["migrate", .. AlembicRun.Settings(_folder)]);
        await Eventually.BecomesTrueAsync(() => AlembicRun.ProcessesIn(_folder.Path).Count > 1, () => program.All);

        program.KillNow();

        await Eventually.BecomesTrueAsync(() => AlembicRun.ProcessesIn(_folder.Path).Count == 0, () => program.All);
    }

    [Fact]
    public async Task Much_output_and_output_without_a_line_end_do_no_harm()
    {
        _folder.Revision(Next, AlembicFolder.Head, "import sys\nfor i in range(50): sys.stdout.write('x' * 1048575 + '\\n')\nsys.stderr.write('no line end')\nsys.stderr.flush()");
        var (code, output, log) = await AlembicRun.MigrateAsync(_folder);

        Assert.True(code == 0, output.Length > 2000 ? output[..2000] : output + (log.Length > 2000 ? log[..2000] : log));
    }

    public void Dispose() => _folder.Dispose();

    private IEnumerable<KeyValuePair<string, string?>> Settings((string Key, string Value)[] settings) =>
        AlembicRun.Settings(_folder, settings).Select(argument => argument[2..].Split('=', 2)).Select(pair => KeyValuePair.Create(pair[0], (string?)pair[1]));
}
