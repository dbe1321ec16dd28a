using System.Text.Json;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Alembic;

/// <summary>What goes well, and what is refused before anything runs.</summary>
public sealed class AlembicSqliteTests : IDisposable
{
    private readonly AlembicFolder _folder = new();

    [Fact]
    public async Task A_database_is_taken_to_the_head_from_nothing_and_then_nothing_is_started()
    {
        var (code, output, log) = await AlembicRun.MigrateAsync(_folder);
        Assert.True(code == 0, output + log);
        Assert.Equal(AlembicFolder.InOrder.Order(), Lines(output).Where(line => line.Contains("applied ", StringComparison.Ordinal)).Take(8).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[2]).Order());
        Assert.Contains($"ready at {AlembicFolder.Head}, 8 applied, 0 pending", output, StringComparison.Ordinal);
        Assert.Equal(AlembicFolder.Head, await Sqlite3.QueryAsync(_folder.Database, "SELECT version_num FROM alembic_version"));

        (code, output, _) = await RunAsync("migrate", "--json");
        Assert.Equal(0, code);
        Assert.DoesNotContain("\"applied\"", Lines(output)[0], StringComparison.Ordinal);
        (_, _, log) = await RunAsync("migrate", "--json");
        Assert.DoesNotContain("starting alembic", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_in_the_middle_goes_on_from_there_and_its_status_tells_alembics_ids_and_messages()
    {
        Assert.Equal(0, (await _folder.RunAsync("upgrade", "9a52d7c03e6f")).Code);

        var (code, output, _) = await RunAsync("status", "--json");
        Assert.Equal(10, code);
        var status = JsonDocument.Parse(output).RootElement.GetProperty("databases")[0];
        Assert.Equal(("9a52d7c03e6f", AlembicFolder.Head, 3, 5), (status.GetProperty("current").GetString(), status.GetProperty("latest").GetString(), status.GetProperty("appliedCount").GetInt32(), status.GetProperty("pendingCount").GetInt32()));
        Assert.Equal("8c04f6e1b9d3 create orders", $"{status.GetProperty("pending")[0].GetProperty("version")} {status.GetProperty("pending")[0].GetProperty("description")}");

        (code, output, _) = await RunAsync("migrate", "--target", "b3e9");
        Assert.Equal(0, code);
        Assert.Equal("b3e9105f7a24", await Sqlite3.QueryAsync(_folder.Database, "SELECT version_num FROM alembic_version"));
        Assert.Equal(2, Lines(output).Count(line => line.StartsWith("shop  applied ", StringComparison.Ordinal)));

        Assert.Equal(0, (await AlembicRun.MigrateAsync(_folder)).Code);
    }

    [Fact]
    public async Task Two_heads_in_the_database_are_both_seen()
    {
        Assert.Equal(0, (await _folder.RunAsync("upgrade", "9a52d7c03e6f")).Code);
        Assert.Equal(0, (await _folder.RunAsync("upgrade", "8c04f6e1b9d3")).Code);

        var (_, output, _) = await RunAsync("status");
        Assert.Contains("at 8c04f6e1b9d3, 9a52d7c03e6f of e7b360d95c1a, 4 applied, 4 pending", output, StringComparison.Ordinal);
        Assert.Equal(0, (await AlembicRun.MigrateAsync(_folder)).Code);
    }

    [Fact]
    public async Task The_service_shows_which_revision_runs_with_its_message()
    {
        _folder.Revision("f00000000001", AlembicFolder.Head, "import time\nwhile not __import__('os').path.exists('go'): time.sleep(0.05)");
        await using var serving = await ServingProgram.StartAsync(_folder.Path, AlembicRun.Settings(_folder));

        var database = await serving.DatabaseAsync(status => status.GetProperty("running").ValueKind == JsonValueKind.Object && status.GetProperty("running").GetProperty("version").GetString() == "f00000000001");
        Assert.Equal("added f00000000001", database.GetProperty("running").GetProperty("description").GetString());
        Assert.Equal((8, 1), (database.GetProperty("appliedCount").GetInt32(), database.GetProperty("pendingCount").GetInt32()));
        Assert.Equal(503, await serving.StatusCodeAsync("/health/ready"));

        _folder.Write("go", "");
        await serving.ReadyAsync();
    }

    [Fact]
    public async Task Doctor_finds_nothing_in_the_sample_and_each_fault_in_a_wrong_project()
    {
        var (code, output, _) = await RunAsync("doctor", "--json");
        Assert.Equal(0, code);
        Assert.All(JsonDocument.Parse(output).RootElement.GetProperty("checks").EnumerateArray(), check => Assert.Equal("ok", check.GetProperty("result").GetString()));

        _folder.Replace("migrations/env.py", "        poolclass=pool.NullPool,\n", "");
        (code, output, _) = await RunAsync("doctor");
        Assert.Equal(0, code);
        Assert.EndsWith("no problem, 1 warning found\n", output, StringComparison.Ordinal);

        _folder.Replace("alembic.ini", "sqlite:///shop.db", "sqlite:///other.db");
        (code, output, _) = await RunAsync("doctor", "--json");
        Assert.Equal(12, code);
        var faults = JsonDocument.Parse(output).RootElement.GetProperty("checks").EnumerateArray().Where(check => check.GetProperty("result").GetString() != "ok").ToList();
        Assert.Equal([("alembic.ini", "problem"), ("migrations/env.py", "warning")], faults.Select(check => (check.GetProperty("file").GetString()!, check.GetProperty("result").GetString()!)));
    }

    [Theory]
    [InlineData("Alembic:Executable", "alembik", "Alembic:Executable: 'alembik' is not on the PATH; install the tool")]
    [InlineData("Alembic:Executable", "poetry run alembic", "Alembic:Executable: is a command line, not a program; write the program alone")]
    [InlineData("Alembic:WorkingDirectory", "nowhere", "Alembic:WorkingDirectory: the folder nowhere does not exist")]
    [InlineData("Alembic:Config", "alembik.ini", "Alembic:Config: the file alembik.ini does not exist")]
    [InlineData("Alembic:Confg", "alembic.ini", "did you mean 'Config'?")]
    public async Task Wrong_settings_end_with_code_2_before_anything_is_touched(string key, string value, string message)
    {
        var (code, _, errors) = await AlembicRun.MigrateAsync(_folder, (key, value));

        Assert.Equal(2, code);
        Assert.Contains(message, errors, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.Database));
    }

    [Fact]
    public async Task Another_database_two_heads_a_missing_file_and_an_old_python_are_refused_with_the_remedy()
    {
        await Refused(2, "Alembic's address is sqlite:///other.db, but this database is the SQLite file", () => _folder.Replace("alembic.ini", "sqlite:///shop.db", "sqlite:///other.db"));
        await Refused(2, "alembic.ini:7: sqlalchemy.url is the template's placeholder", () => _folder.Replace("alembic.ini", "sqlite:///other.db", "driver://user:pass@localhost/dbname"));
        _folder.Replace("alembic.ini", "driver://user:pass@localhost/dbname", "sqlite:///shop.db");
        await Refused(7, "there are 2 heads: ", () => _folder.Revision("aaaa00001111", AlembicFolder.Middle, "pass"));
        await Refused(7, "revision aaaa00001111 follows nowhere, but no file declares it", () => _folder.Revision("aaaa00001111", "nowhere", "pass"));
        File.Delete(_folder["migrations/versions/aaaa00001111_added.py"]);

        // A Python that says it is an old one.
        _folder.Write("old/python3", "#!/bin/sh\necho '{\"python\": \"3.6.15\", \"alembic\": \"1.8.1\", \"failed\": true}'\n");
        _folder.Write("old/alembic", $"#!{_folder["old/python3"]}\n");
        foreach (var file in new[] { "old/python3", "old/alembic" })
            File.SetUnixFileMode(_folder[file], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var (code, output, _) = await AlembicRun.MigrateAsync(_folder, ("Alembic:Executable", _folder["old/alembic"]));
        Assert.Equal(2, code);
        Assert.Contains("Alembic 1.8.1 needs Python 3.7 or newer, and this is Python 3.6.15", output, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.Database));

        async Task Refused(int expected, string message, Action spoil)
        {
            spoil();
            var (code, output, log) = await AlembicRun.MigrateAsync(_folder);
            Assert.True(code == expected, output + log);
            Assert.Contains(message, output, StringComparison.Ordinal);
            Assert.Contains("remedy: ", output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_database_at_a_revision_that_no_file_declares_is_refused()
    {
        await Sqlite3.QueryAsync(_folder.Database, "CREATE TABLE alembic_version (version_num TEXT); INSERT INTO alembic_version VALUES ('0123456789ab');");
        var (code, output, _) = await AlembicRun.MigrateAsync(_folder);

        Assert.Equal(7, code);
        Assert.Contains("the database is at 0123456789ab, which no file in migrations/versions declares", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_name_of_the_version_table_is_taken_from_env_py()
    {
        _folder.Replace("migrations/env.py", "            compare_type=True,\n            render", "            compare_type=True,\n            version_table=\"revisions\",\n            render");
        Assert.Equal(0, (await AlembicRun.MigrateAsync(_folder)).Code);
        Assert.Equal(AlembicFolder.Head, await Sqlite3.QueryAsync(_folder.Database, "SELECT version_num FROM revisions"));
        Assert.Equal(0, (await RunAsync("status")).Code);
    }

    public void Dispose() => _folder.Dispose();

    private Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments) => MigrationHostProgram.RunAsync(_folder.Path, [.. arguments, .. AlembicRun.Settings(_folder)]);

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
