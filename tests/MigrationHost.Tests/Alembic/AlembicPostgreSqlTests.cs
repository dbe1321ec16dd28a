using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Alembic;

/// <summary>The same project on PostgreSQL, where all revisions of a run are one transaction.</summary>
[Collection(PostgreSqlCluster.ForTools)]
public sealed class AlembicPostgreSqlTests(PostgreSqlCluster cluster) : IAsyncLifetime
{
    private const string Next = "f00000000001";

    private readonly AlembicFolder _folder = new();
    private readonly PostgreSqlTestDatabase _database = new(cluster);

    [Fact]
    public async Task A_database_is_taken_to_the_head_from_nothing_and_then_nothing_is_started()
    {
        var (code, output, log) = await MigrateAsync();
        Assert.True(code == 0, output + log);
        Assert.Equal(8, output.Split('\n').Count(line => line.StartsWith("app  applied ", StringComparison.Ordinal)));
        Assert.Equal(8, log.Split('\n').Count(line => line.Contains(" INF app: alembic: INFO  [alembic.runtime.migration] Running upgrade ", StringComparison.Ordinal)));
        Assert.DoesNotContain("starting alembic", log, StringComparison.Ordinal);
        Assert.Equal(AlembicFolder.Head, await _database.QueryAsync("SELECT version_num FROM alembic_version"));

        (code, output, log) = await MigrateAsync("--json");
        Assert.Equal(0, code);
        Assert.DoesNotContain("starting alembic", log, StringComparison.Ordinal);

        (code, output, _) = await MigrationHostProgram.RunAsync(_folder.Path, ["doctor", .. Settings()]);
        Assert.True(code == 0 && !output.Contains("warning  app  alembic", StringComparison.Ordinal), output);
    }

    [Fact]
    public async Task A_crash_in_the_middle_leaves_nothing_and_the_next_start_goes_on()
    {
        _folder.Revision(Next, AlembicFolder.Head, "op.create_table('notes', sa.Column('id', sa.Integer(), primary_key=True))\nimport os\nos.kill(os.getpid(), 9)");
        var (code, output, log) = await MigrateAsync();
        Assert.True(code == 8, output + log);
        Assert.DoesNotContain("Half applied", output, StringComparison.Ordinal);
        Assert.Equal("0", await _database.QueryAsync("SELECT count(*) FROM pg_tables WHERE tablename IN ('notes', 'customers')"));

        _folder.Replace($"migrations/versions/{Next}_added.py", "os.kill(os.getpid(), 9)", "pass");
        (code, output, log) = await MigrateAsync();
        Assert.True(code == 0, output + log);
        Assert.Equal(Next, await _database.QueryAsync("SELECT version_num FROM alembic_version"));
    }

    [Fact]
    public async Task A_session_that_holds_a_lock_is_named_and_the_wait_is_bounded()
    {
        Assert.Equal(0, (await MigrateAsync()).Code);
        _folder.Revision(Next, AlembicFolder.Head, "op.add_column('customers', sa.Column('nick', sa.String(20)))");
        await using (var holder = await _database.HoldFromOutsideAsync("SELECT * FROM customers;"))
        {
            var (code, output, log) = await MigrateAsync(Limits(AlembicRun.Limits(lockSeconds: 4)));
            Assert.True(code == 5, output + log);
            Assert.Contains($"alembic is blocked: psql (pid {holder.Pid}) holds ", output, StringComparison.Ordinal);
        }
        Assert.Equal(0, (await MigrateAsync()).Code);
    }

    [Fact]
    public async Task Locks_begin_with_the_session_that_the_tool_waits_for_and_have_the_instance_below_it()
    {
        Assert.Equal(0, (await MigrateAsync()).Code);
        _folder.Revision(Next, AlembicFolder.Head, "op.add_column('customers', sa.Column('nick', sa.String(20)))");
        await using var holder = await _database.HoldFromOutsideAsync("SELECT * FROM customers;");
        await using var instance = MigrationHostProgram.Start(_folder.Path, ["migrate", .. Settings()]);
        await Eventually.BecomesTrueAsync(async () => await _database.QueryAsync("SELECT count(*) FROM pg_locks WHERE NOT granted") == "1", () => instance.All);

        var (code, output, errors) = await MigrationHostProgram.RunAsync(_folder.Path, ["locks", .. Settings()]);

        Assert.True(code == 11, output + errors);
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith($"  psql (pid {holder.Pid}) holds ", lines[1], StringComparison.Ordinal);
        Assert.Single(lines, line => line.StartsWith("      migrationhost ", StringComparison.Ordinal) && line.Contains(" holds TURN on ", StringComparison.Ordinal));
        Assert.Equal($"    remedy: commit or roll back there, or: select pg_terminate_backend({holder.Pid})", Assert.Single(lines, line => line.Contains("remedy:", StringComparison.Ordinal)));
        (_, output, _) = await MigrationHostProgram.RunAsync(_folder.Path, ["locks", "--json", .. Settings()]);
        Assert.Equal(holder.Pid, System.Text.Json.JsonDocument.Parse(output).RootElement[0].GetProperty("holders")[0].GetProperty("pid").GetInt32());
        await holder.ReleaseAsync();
        Assert.True(await instance.ExitAsync() == 0, instance.All);
    }

    [Fact]
    public async Task Who_holds_the_version_table_is_named()
    {
        Assert.Equal(0, (await MigrateAsync()).Code);
        await using var holder = await _database.HoldFromOutsideAsync("LOCK TABLE alembic_version IN ACCESS EXCLUSIVE MODE;");

        var (code, output, log) = await MigrateAsync(Limits(AlembicRun.Limits(lockSeconds: 4)));

        Assert.True(code == 5, output + log);
        Assert.Contains($"psql (pid {holder.Pid}) holds AccessExclusiveLock on alembic_version", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_env_py_that_blocks_itself_is_told_with_its_line()
    {
        Assert.Equal(0, (await MigrateAsync()).Code);
        _folder.Revision(Next, AlembicFolder.Head, "op.add_column('customers', sa.Column('nick', sa.String(20)))");
        _folder.Replace("migrations/env.py", "            context.run_migrations()\n\n\nif", "            context.run_migrations()\n            with connectable.connect() as audit:\n                audit.exec_driver_sql(\"SELECT * FROM customers\")\n\n\nif");

        var (code, output, log) = await MigrateAsync(Limits(AlembicRun.Limits(lockSeconds: 4)));

        Assert.True(code == 5, output + log);
        Assert.Contains($"failed: Blocked: migrations/env.py:{_folder.LineOf("migrations/env.py", "as audit")}: waited 4 s for the lock that alembic needs: alembic blocks itself: ", output, StringComparison.Ordinal);
        Assert.Equal("0", await _database.QueryAsync("SELECT count(*) FROM pg_attribute WHERE attname = 'nick'"));
    }

    [Fact]
    public async Task Success_that_nobody_committed_is_not_believed()
    {
        _folder.Replace("migrations/env.py", "        poolclass=pool.NullPool,\n", "        poolclass=pool.NullPool,\n        future=True,\n");
        _folder.Replace("migrations/env.py", "        context.configure(\n            connection", "        connection.exec_driver_sql(\"SET statement_timeout = '1h'\")\n        context.configure(\n            connection");

        var (code, output, log) = await MigrateAsync();

        Assert.True(code == 8, output + log);
        Assert.Contains("alembic reported success, but the database is still at nothing: 8 revisions are missing", output, StringComparison.Ordinal);
        Assert.Contains($"See migrations/env.py:{_folder.LineOf("migrations/env.py", "statement_timeout")}", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_transaction_that_the_applications_own_process_left_open_is_told()
    {
        Assert.Equal(0, (await MigrateAsync()).Code);
        _folder.Revision(Next, AlembicFolder.Head, "op.add_column('customers', sa.Column('nick', sa.String(20)))");
        Environment.SetEnvironmentVariable("MIGRATIONHOST_PROGRAM", MigrationHostProgram.Path);
        await using var forgotten = await _database.OpenAsync();
        await using var transaction = await forgotten.BeginTransactionAsync();
        await using (var read = new Npgsql.NpgsqlCommand("SELECT * FROM customers", forgotten, transaction))
            await read.ExecuteNonQueryAsync();
        var settings = Settings().Concat(Limits(AlembicRun.Limits(lockSeconds: 4))).Select(argument => argument[2..].Split('=', 2)).Select(pair => KeyValuePair.Create(pair[0], (string?)pair[1]));
        await using var host = new TestHost(_folder.Path, settings);
        host.Watchdog.Start();

        var error = await host.MigrateAsync();

        Assert.Equal(MigrationErrorCode.Blocked, error?.Code);
        Assert.Contains("this process holds it: a connection opened elsewhere in the application", error!.Hint, StringComparison.Ordinal);
        Assert.Empty(AlembicRun.ProcessesIn(_folder.Path));
    }

    [Theory]
    [InlineData("op.execute('CREATE TABLE half (id int)')\nop.execute('SELECT pg_sleep(100000)')", 6, "alembic worked for 15 s, the limit of one migration, and was ended")]
    [InlineData("import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nop.execute('SELECT pg_sleep(100000)')", 6, "no output and hardly any CPU time")]
    [InlineData("input('really? ')", 8, "EOFError: EOF when reading a line")]
    [InlineData("import subprocess\nsubprocess.Popen(['sleep', '1000'], start_new_session=True)", 0, "app  ready at " + Next)]
    public async Task A_revision_that_hangs_is_ended_in_its_time_and_leaves_no_session(string body, int expected, string message)
    {
        _folder.Revision(Next, AlembicFolder.Head, body);
        var migration = expected == 6 ? AlembicRun.TimeToBegin : 60;
        var (code, output, log) = await MigrateAsync(Limits(AlembicRun.Limits(graceSeconds: 1, migrationSeconds: migration)));

        Assert.True(code == expected, output + log);
        Assert.Contains(message, output, StringComparison.Ordinal);
        Assert.Equal("0", await SessionsAsync());
        Assert.Equal("0", await _database.QueryAsync("SELECT count(*) FROM pg_tables WHERE tablename = 'half'"));
    }

    [Fact]
    public async Task Told_to_stop_nothing_of_the_tool_is_left_on_the_machine_or_the_server()
    {
        _folder.Revision(Next, AlembicFolder.Head, "op.execute('SELECT pg_sleep(100000)')");
        await using var program = MigrationHostProgram.Start(_folder.Path, ["migrate", .. Settings()]);
        await Eventually.BecomesTrueAsync(async () => await SessionsAsync("query LIKE '%pg_sleep%'") == "1", () => program.All);

        program.Signal(System.Runtime.InteropServices.PosixSignal.SIGTERM);

        Assert.True(await program.ExitAsync() == 143, program.All);
        Assert.Empty(AlembicRun.ProcessesIn(_folder.Path));
        Assert.Equal("0", await SessionsAsync());
    }

    [Fact]
    public async Task What_the_tool_of_a_killed_host_has_left_on_the_server_is_ended_by_the_next_one()
    {
        Assert.Equal(0, (await MigrateAsync()).Code);
        _folder.Revision(Next, AlembicFolder.Head, "op.add_column('customers', sa.Column('nick', sa.String(20)))\nop.execute('SELECT pg_sleep(100000)')");
        await using (var program = MigrationHostProgram.Start(_folder.Path, ["migrate", .. Settings()]))
        {
            await Eventually.BecomesTrueAsync(async () => await SessionsAsync("query LIKE '%pg_sleep%'") == "1", () => program.All);
            program.KillNow();
        }
        await Eventually.BecomesTrueAsync(() => AlembicRun.ProcessesIn(_folder.Path).Count == 0);
        Assert.Equal("1", await SessionsAsync("query LIKE '%pg_sleep%'"));
        var (held, locks, _) = await MigrationHostProgram.RunAsync(_folder.Path, ["locks", "--json", .. Settings()]);
        Assert.Equal(11, held);
        Assert.Contains("left by a MigrationHost instance whose process is gone", locks, StringComparison.Ordinal);

        _folder.Replace($"migrations/versions/{Next}_added.py", "pg_sleep(100000)", "pg_sleep(0)");
        var (code, output, log) = await MigrateAsync(Limits(AlembicRun.Limits(lockSeconds: 30)));
        Assert.True(code == 0, output + log);
        Assert.Equal("0", await SessionsAsync());
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _folder.Dispose();
        await _database.DisposeAsync();
    }

    private async Task<(int Code, string Output, string Log)> MigrateAsync(params string[] arguments)
    {
        var result = await MigrationHostProgram.RunAsync(_folder.Path, ["migrate", .. arguments, .. Settings()]);
        Assert.Empty(AlembicRun.ProcessesIn(_folder.Path));
        return result;
    }

    /// <summary>How many sessions others have in this database. Not psql, who has asked before: a session outlives its client for a moment, and its question has in it what is asked for.</summary>
    private Task<string> SessionsAsync(string which = "true") =>
        _database.QueryAsync($"SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND application_name <> 'psql' AND {which}");

    private static string[] Limits((string Key, string Value)[] limits) => [.. limits.Select(limit => $"--MigrationHost:Databases:app:{limit.Key}={limit.Value}")];

    private IEnumerable<string> Settings() =>
    [
        .. _database.Settings.Select(setting => $"--{setting.Key}={setting.Value}"),
        "--MigrationHost:Databases:app:Engine=Alembic",
        $"--MigrationHost:Databases:app:Alembic:Environment:DATABASE_URL=postgresql+psycopg2://{cluster.Server.Username}:{cluster.Server.Password}@{cluster.Server.Host}:{cluster.Server.Port}/{_database.Name}",
    ];
}
