using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Alembic;

/// <summary>The tool fails, or says that it did not.</summary>
public sealed class AlembicFailureTests : IDisposable
{
    private const string Next = "f00000000001";
    private const string CreateTwo = "op.create_table('notes', sa.Column('id', sa.Integer(), primary_key=True))\n";

    private readonly AlembicFolder _folder = new();

    [Theory]
    [InlineData("import os\nos.kill(os.getpid(), 9)", "was ended by SIGKILL")]
    [InlineData("import os\nos._exit(3)", "alembic failed in f00000000001")]
    [InlineData("raise ValueError('no such luck')", "migrations/versions/f00000000001_added.py:11: ValueError: no such luck")]
    public async Task A_crash_in_the_middle_on_sqlite_is_told_as_half_applied_and_so_is_the_rerun(string crash, string message)
    {
        _folder.Revision(Next, AlembicFolder.Head, CreateTwo + crash + "\n" + "op.add_column('customers', sa.Column('nick', sa.String(20)))");

        var (code, output, log) = await AlembicRun.MigrateAsync(_folder);
        Assert.True(code == 8, output + log);
        Assert.Contains(message, output, StringComparison.Ordinal);
        var half = $"Half applied: table notes is there, but the database is still at {AlembicFolder.Head} and not at {Next} (migrations/versions/{Next}_added.py)";
        Assert.Contains(half, output, StringComparison.Ordinal);
        Assert.Contains("undo by hand what appeared (DROP TABLE notes) and start again; or do the rest", output, StringComparison.Ordinal);
        Assert.Contains($"stamp {Next}", output, StringComparison.Ordinal);

        (code, output, _) = await MigrationHostProgram.RunAsync(_folder.Path, ["doctor", .. AlembicRun.Settings(_folder)]);
        Assert.Equal(12, code);
        Assert.Contains($"migrations/versions/{Next}_added.py: table notes is there already, but the database is still at {AlembicFolder.Head} and not at {Next}", output, StringComparison.Ordinal);
        Assert.DoesNotContain("..\n", output, StringComparison.Ordinal);
        Assert.EndsWith("1 problem found\n", output, StringComparison.Ordinal);

        (code, output, _) = await AlembicRun.MigrateAsync(_folder);
        Assert.Equal(8, code);
        Assert.Contains("table notes already exists", output, StringComparison.Ordinal);
        Assert.Contains(half, output, StringComparison.Ordinal);

        // The remedy heals.
        await Sqlite3.QueryAsync(_folder.Database, "DROP TABLE notes");
        _folder.Replace($"migrations/versions/{Next}_added.py", crash.Split('\n')[^1], "pass");
        Assert.Equal(0, (await AlembicRun.MigrateAsync(_folder)).Code);
    }

    [Fact]
    public async Task A_failure_that_left_nothing_is_not_called_half_applied_and_http_shows_no_output_of_the_tool()
    {
        _folder.Revision(Next, AlembicFolder.Head, "op.execute('INSERT INTO nowhere VALUES (4711)')");
        await using var serving = await ServingProgram.StartAsync(_folder.Path, AlembicRun.Settings(_folder));

        var database = await serving.DatabaseAsync(status => status.GetProperty("phase").GetString() == "Failed");

        var error = database.GetProperty("error");
        Assert.Equal(("ToolFailed", 8, Next), (error.GetProperty("code").GetString(), error.GetProperty("exitCode").GetInt32(), error.GetProperty("version").GetString()));
        Assert.Equal(($"migrations/versions/{Next}_added.py", 10), (error.GetProperty("file").GetString(), error.GetProperty("line").GetInt32()));
        Assert.Contains("no such table: nowhere", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("Half applied", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("4711", database.ToString(), StringComparison.Ordinal);
        Assert.Equal(8, error.GetProperty("applied").GetArrayLength());
    }

    [Fact]
    public async Task Success_that_nobody_committed_is_not_believed()
    {
        _folder.Replace("migrations/env.py", "        poolclass=pool.NullPool,\n", "        poolclass=pool.NullPool,\n        future=True,\n");
        _folder.Replace("migrations/env.py", "        context.configure(\n            connection", "        connection.exec_driver_sql(\"BEGIN\")\n        context.configure(\n            connection");
        _folder.Replace("migrations/env.py", "        with context.begin_transaction():\n            context.run_migrations()\n\n\nif", "        context.run_migrations()\n\n\nif");

        var (code, output, log) = await AlembicRun.MigrateAsync(_folder);

        Assert.True(code == 8, output + log);
        Assert.Contains("alembic reported success, but the database is still at nothing: 8 revisions are missing, beginning with 2f1c8a90d4b1 create customers", output, StringComparison.Ordinal);
        Assert.Contains($"See migrations/env.py:{File.ReadAllLines(_folder.EnvFile).ToList().FindLastIndex(line => line.EndsWith("context.run_migrations()", StringComparison.Ordinal)) + 1}", output, StringComparison.Ordinal);
        Assert.DoesNotContain("shop  applied 2f1c", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("target_metadata = SQLModel.metadata", "target_metadata = (", "migrations/env.py:21: SyntaxError: '(' was never closed", 2)]
    [InlineData("import shop.models", "import shop.modles", "migrations/env.py:9: ModuleNotFoundError: No module named 'shop.modles'", 8)]
    [InlineData("target_metadata = SQLModel.metadata", "target_metadata = SQLModle.metadata", "migrations/env.py:21: NameError: name 'SQLModle' is not defined", 8)]
    public async Task A_broken_env_py_is_told_with_its_line_and_the_remedy(string old, string with, string message, int expected)
    {
        _folder.Replace("migrations/env.py", old, with);
        var (code, output, log) = await AlembicRun.MigrateAsync(_folder);

        Assert.True(code == expected, output + log);
        Assert.Contains(message, output, StringComparison.Ordinal);
        Assert.Single(log.Split('\n'), line => line.Contains("Error: ", StringComparison.Ordinal) && line.Contains(": alembic: ", StringComparison.Ordinal) == (expected == 8) && line.Contains(message.Split("Error: ")[1], StringComparison.Ordinal) && !line.Contains(" ERR ", StringComparison.Ordinal));
        Assert.Matches("remedy: (Correct|Install)", output);
        Assert.True(!File.Exists(_folder.Database) || await Sqlite3.QueryAsync(_folder.Database, "SELECT name FROM sqlite_master") == "");
    }

    [Fact]
    public async Task Resolve_says_how_alembic_settles_it()
    {
        var (code, output, errors) = await MigrationHostProgram.RunAsync(_folder.Path, ["resolve", Next, "--applied", .. AlembicRun.Settings(_folder)]);
        Assert.Equal(2, code);
        Assert.Contains("resolve is for Engine Sql: Alembic keeps the history", output + errors, StringComparison.Ordinal);
        Assert.Contains("'alembic -c alembic.ini stamp REVISION' records a revision as done", output + errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_that_is_switched_off_is_told()
    {
        _folder.Replace("alembic.ini", "level = INFO", "level = ERROR");
        var (code, output, log) = await AlembicRun.MigrateAsync(_folder);

        Assert.True(code == 0, output + log);
        Assert.Contains($"alembic reported no progress: alembic.ini sets the logger alembic to ERROR", log, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
