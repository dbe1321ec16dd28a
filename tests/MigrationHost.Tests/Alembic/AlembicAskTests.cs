using System.Text.Json;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Alembic;

/// <summary>The question itself: how often, by which Python, for how long, and what it leaves.</summary>
public sealed class AlembicAskTests : IDisposable
{
    private const string Next = "f00000000001";

    private readonly AlembicFolder _folder = new();

    [Fact]
    public async Task Alembic_is_asked_once_a_start_and_asking_leaves_nothing()
    {
        _folder.Revision(Next, AlembicFolder.Head, "pass");
        File.AppendAllText(_folder[$"migrations/versions/{Next}_added.py"],
            $"\nopen('{_folder["asked"]}', 'a').write('asked\\n')\nprint('{{\"failed\": false}}')\n");

        var (code, output, log) = await MigrationHostProgram.RunAsync(_folder.Path, ["status", .. AlembicRun.Settings(_folder)]);
        Assert.True(code == 10, output + log);
        Assert.Single(File.ReadAllLines(_folder["asked"]));
        Assert.False(File.Exists(_folder.Database) || Directory.Exists(_folder["migrations/versions/__pycache__"]));

        // Once for the question, once for the upgrade.
        Assert.Equal(0, (await AlembicRun.MigrateAsync(_folder)).Code);
        Assert.Equal(3, File.ReadAllLines(_folder["asked"]).Length);
        Assert.Equal(0, (await AlembicRun.MigrateAsync(_folder)).Code);
        Assert.Equal(4, File.ReadAllLines(_folder["asked"]).Length);
    }

    [Fact]
    public async Task The_next_attempt_reuses_the_answer_until_a_file_changes()
    {
        var count = _folder["asked"];
        _folder.Revision(Next, AlembicFolder.Head, "pass");
        File.AppendAllText(_folder[$"migrations/versions/{Next}_added.py"], $"\nopen('{count}', 'a').write('asked\\n')\n");
        await using var host = new TestHost(_folder.Path,
            AlembicRun.Settings(_folder).Select(argument => argument[2..].Split('=', 2)).Select(pair =>
            KeyValuePair.Create(pair[0], (string?)pair[1])));
        host.Watchdog.Start();

        await host.Run.InspectAsync(null, CancellationToken.None);
        await host.Run.InspectAsync(null, CancellationToken.None);
        Assert.Single(File.ReadAllLines(count));

        _folder.Revision("f00000000002", Next, "pass");
        await host.Run.InspectAsync(null, CancellationToken.None);
        Assert.Equal(2, File.ReadAllLines(count).Length);
        Assert.Equal("f00000000002", host.Status.Latest);
    }

    [Fact]
    public async Task A_revision_that_does_not_return_while_it_is_imported_shows_is_logged_and_ends_and_no_password_leaves()
    {
        const string Secret = "Xq7secretXq7";
        _folder.Revision(Next, AlembicFolder.Head, "pass");
        File.AppendAllText(_folder[$"migrations/versions/{Next}_added.py"], "\nimport time\ntime.sleep(1000)\n");
        (string, string)[] settings = [("Timeouts:DatabaseWait", "00:00:04"), ("Timeouts:StallAfter", "00:00:01"),
            ("Alembic:Environment:DATABASE_URL", $"postgresql://shop:{Secret}@nowhere/shop")];
        await using var serving = await ServingProgram.StartAsync(_folder.Path, AlembicRun.Settings(_folder, settings));

        var database = await serving.DatabaseAsync(status => status.GetProperty("waitingFor").ValueKind == JsonValueKind.Object);
        Assert.Equal(("Starting", "Python to say what Alembic would do", 4000),
            (database.GetProperty("phase").GetString(), database.GetProperty("waitingFor").GetProperty("what").GetString(),
            database.GetProperty("waitingFor").GetProperty("limitMs").GetInt32()));
        var asking = Directory.EnumerateDirectories("/proc").Select(CommandLine).Where(line =>
            line.Contains(_folder.Path, StringComparison.Ordinal) && line.Contains("import sysconfig", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(asking);
        Assert.All(asking, line => Assert.DoesNotContain(Secret, line, StringComparison.Ordinal));

        database = await serving.DatabaseAsync(status => status.GetProperty("phase").GetString() == "Failed");
        Assert.Equal(2, database.GetProperty("error").GetProperty("exitCode").GetInt32());
        Assert.StartsWith("Alembic cannot be asked: Python gave no answer within 4 s",
            database.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Contains("waiting for Python to say what Alembic would do, for at most 4 s", serving.Program.All, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, serving.Program.All + database, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.Database));
    }

    [Theory]
    [InlineData("alembic.ini")]
    [InlineData("migrations/env.py")]
    [InlineData("migrations/versions/9a52d7c03e6f_*.py")]
    [InlineData("run-alembic")]
    public async Task A_file_that_does_not_answer_shows_is_logged_and_ends_with_code_3(string pattern)
    {
        File.Copy("/usr/bin/alembic", _folder["run-alembic"]);
        var path = Assert.Single(Directory.GetFiles(_folder.Path, pattern));
        var name = Path.GetRelativePath(_folder.Path, path);
        await using var lease = await FileLease.TakeAsync(path);
        await using var serving = await ServingProgram.StartAsync(_folder.Path, AlembicRun.Settings(_folder,
            ("Alembic:Executable", "./run-alembic"), ("Timeouts:DatabaseWait", "00:00:08"), ("Timeouts:StallAfter", "00:00:01"),
            ("Timeouts:Grace", "00:00:01")));

        var what = $"{(name == "run-alembic" ? "./" : "")}{name} to be read";
        await serving.DatabaseAsync(status => status.GetProperty("waitingFor") is { ValueKind: JsonValueKind.Object } waiting
            && waiting.GetProperty("what").GetString() == what);
        var database = await serving.DatabaseAsync(status => status.GetProperty("error").ValueKind == JsonValueKind.Object);

        Assert.Equal(3, database.GetProperty("error").GetProperty("exitCode").GetInt32());
        Assert.StartsWith($"waited 8 s for {what}", database.GetProperty("error").GetProperty("message").GetString(),
            StringComparison.Ordinal);
        Assert.Contains($"waiting for {what}", serving.Program.All, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrapper_needs_the_setting_that_names_its_python()
    {
        _folder.Write("run-alembic", "#!/bin/sh\nexec alembic \"$@\"\n");
        File.SetUnixFileMode(_folder["run-alembic"], (UnixFileMode)0x1ED);

        var (code, _, errors) = await AlembicRun.MigrateAsync(_folder, ("Alembic:Executable", "./run-alembic"));
        Assert.Equal(2, code);
        Assert.Contains($"Alembic:Python: the first line of {_folder["run-alembic"]} does not name the Python that runs it", errors,
            StringComparison.Ordinal);

        (code, _, errors) = await AlembicRun.MigrateAsync(_folder, ("Alembic:Executable", "./run-alembic"),
            ("Alembic:Python", "venv/bin/python"));
        Assert.Equal(2, code);
        Assert.Contains($"Alembic:Python: there is no {_folder["venv/bin/python"]}", errors, StringComparison.Ordinal);

        (code, var output, errors) = await AlembicRun.MigrateAsync(_folder, ("Alembic:Executable", "./run-alembic"),
            ("Alembic:Python", "/usr/bin/python3"));
        Assert.True(code == 0, output + errors);
    }

    [Fact]
    public async Task A_python_without_alembic_is_told_in_its_own_words()
    {
        _folder.Write("no/alembic/__init__.py", "raise ModuleNotFoundError(\"No module named 'alembic'\")\n");
        var (code, output, log) = await AlembicRun.MigrateAsync(_folder, ("Alembic:Environment:PYTHONPATH", _folder["no"]));
        Assert.True(code == 2, output + log);
        Assert.Contains("ModuleNotFoundError: No module named 'alembic'", output, StringComparison.Ordinal);
        Assert.Contains("if Executable is a wrapper, set Alembic:Python", output, StringComparison.Ordinal);

        (code, output, _) = await MigrationHostProgram.RunAsync(_folder.Path,
            ["doctor", .. AlembicRun.Settings(_folder, ("Alembic:Environment:PYTHONPATH", _folder["no"]))]);
        Assert.Equal(12, code);
        Assert.Contains("ModuleNotFoundError: No module named 'alembic'", output, StringComparison.Ordinal);
        Assert.EndsWith("1 problem found\n", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("import os\nos._exit(0)", "Python ended with exit code 0")]
    [InlineData("import os\nfor fd in range(3, 9):\n    try: os.write(fd, b'{no answer}\\n')\n    except OSError: pass\nos._exit(0)",
        "Python ended with exit code 0")]
    [InlineData("import sys\nsys.exit('no luck')", "no luck")]
    [InlineData("raise ValueError('x')", "migrations/versions/f00000000001_added.py:LINE: ValueError: x")]
    public async Task A_module_that_ends_python_is_told(string body, string message)
    {
        _folder.Revision(Next, AlembicFolder.Head, "pass");
        File.AppendAllText(_folder[$"migrations/versions/{Next}_added.py"], $"\n{body}\n");
        var (code, output, log) = await AlembicRun.MigrateAsync(_folder);
        Assert.True(code == 2, output + log);
        var line = $"{_folder.LineOf($"migrations/versions/{Next}_added.py", "raise ValueError")}";
        Assert.Contains(message.Replace("LINE", line, StringComparison.Ordinal), output, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static string CommandLine(string process)
    {
        try
        {
            return File.ReadAllText($"{process}/cmdline");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
