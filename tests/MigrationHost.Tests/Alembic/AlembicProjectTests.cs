using MigrationHost.Engines.Alembic;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Alembic;

/// <summary>Projects of every shape that Alembic itself understands, and those it does not.</summary>
public sealed class AlembicProjectTests : IDisposable
{
    private const int Nobody = 65534;

    private readonly AlembicFolder _folder = new();

    [Theory]
    [InlineData("PYTHONPATH")]
    [InlineData("an editable install")]
    public async Task A_script_location_in_a_package_is_found_as_python_finds_it(string how)
    {
        _folder.Write("sources/shop_db/__init__.py", "");
        Directory.Move(_folder["migrations"], _folder["sources/shop_db/migrations"]);
        _folder.Replace("alembic.ini", "%(here)s/migrations", "shop_db:migrations");
        var options = new AlembicOptions();
        if (how == "PYTHONPATH")
            options.Environment["PYTHONPATH"] = _folder["sources"];
        else
            options = await VirtualEnvironmentAsync(_folder["sources"]);

        var project = await _folder.AskAsync(options);
        Assert.Equal(("sources/shop_db/migrations/env.py", 8), (project.EnvFile, project.Revisions.Count));

        var (code, output, log) = await AlembicRun.MigrateAsync(_folder, ("Alembic:Executable", options.Executable),
            ("Alembic:Environment:PYTHONPATH", options.Environment.TryGetValue("PYTHONPATH", out var path) ? path : ""));
        Assert.True(code == 0, output + log);
    }

    [Fact]
    public async Task A_compiled_revision_and_one_that_computes_its_id_are_known()
    {
        _folder.Replace("alembic.ini", "[loggers]", "sourceless = true\n[loggers]");
        _folder.Write("migrations/versions/computed.py",
            $"revision = 'f{1:D11}'[:4] + '1'\ndown_revision = '{AlembicFolder.Head}'\ndef upgrade(): pass\n");
        _folder.Write("migrations/versions/last.py", "revision = 'last'\ndown_revision = 'f0001'\ndef upgrade(): pass\n");
        await using (var compile = new RunningProgram("/usr/bin/python3",
            ["-c", "import py_compile; py_compile.compile('migrations/versions/last.py', 'migrations/versions/last.pyc')"], _folder.Path))
            Assert.True(await compile.ExitAsync() == 0, compile.All);
        File.Delete(_folder["migrations/versions/last.py"]);

        var (code, output, log) = await AlembicRun.MigrateAsync(_folder);
        Assert.True(code == 0, output + log);
        Assert.Contains("ready at last, 10 applied", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_asynchronous_template_is_asked_and_its_missing_driver_is_told_before_anything_is_touched()
    {
        File.Copy("/usr/lib/python3/dist-packages/alembic/templates/async/env.py", _folder["migrations/env.py"], overwrite: true);
        _folder.Replace("alembic.ini", "sqlite:///shop.db", "sqlite+aiosqlite:///shop.db");

        var (code, output, log) = await AlembicRun.MigrateAsync(_folder);
        Assert.True(code == 2, output + log);
        Assert.Contains("the driver of Alembic's address cannot be imported: ModuleNotFoundError: No module named 'aiosqlite' (address "
            + "from alembic.ini:7)", output, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.Database));

        (code, output, _) = await MigrationHostProgram.RunAsync(_folder.Path, ["doctor", .. AlembicRun.Settings(_folder)]);
        Assert.Equal(12, code);
        Assert.Contains("the driver of the address cannot be imported: ModuleNotFoundError: No module named 'aiosqlite'", output,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("engine1, engine2", 2)]
    [InlineData("engine1", 0)]
    public async Task Several_databases_in_one_project_are_refused_and_a_single_one_is_not(string databases, int expected)
    {
        File.Copy("/usr/lib/python3/dist-packages/alembic/templates/multidb/env.py", _folder["migrations/env.py"], overwrite: true);
        _folder.Replace("alembic.ini", "sqlalchemy.url = sqlite:///shop.db",
            $"databases = {databases}\n[engine1]\nsqlalchemy.url = sqlite:///shop.db\n[engine2]\nsqlalchemy.url = sqlite:///other.db\n");
        foreach (var file in Directory.GetFiles(_folder["migrations/versions"]))
            File.WriteAllText(file, File.ReadAllText(file).Replace("def upgrade()", "def upgrade(engine_name)", StringComparison.Ordinal));

        var (code, output, log) = await AlembicRun.MigrateAsync(_folder);
        Assert.True(code == expected, output + log);
        if (expected == 0)
            return;
        Assert.Contains($"migrations/env.py:{_folder.LineOf("migrations/env.py", "run_migrations(engine_name")}: one run of this env.py "
            + "migrates several databases or schemas", output, StringComparison.Ordinal);
        Assert.Contains("remedy: Configure one entry per database", output, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.Database) || File.Exists(_folder["other.db"]));
    }

    [Theory]
    [InlineData("    for tenant in ('a', 'b'):\n        context.configure(connection=connection, version_table_schema=tenant)\n        "
        + "context.run_migrations()\n", 4)]
    [InlineData("    for attempt in range(3):\n        context.run_migrations()\n", null)]
    public async Task A_loop_over_schemas_is_several_and_a_loop_that_tries_again_is_not(string body, int? line)
    {
        _folder.Write("migrations/env.py", $"with engine.connect() as connection:\n{body}");
        Assert.Equal(line, (await _folder.AskAsync()).Several);
    }

    [Theory]
    [InlineData("version_table=\"revisions\"", "revisions", null)]
    [InlineData("version_table=NAME", "named", null)]
    [InlineData("version_table=settings.table", null, 3)]
    [InlineData("version_table=None", null, null)]
    public async Task The_version_table_is_a_literal_or_its_line_is_told(string argument, string? name, int? line)
    {
        _folder.Write("migrations/env.py", "NAME = 'named'\ncontext.configure(url='x', "
            + $"version_table='offline')\ncontext.configure(connection=connection, {argument})\n");
        var table = (await _folder.AskAsync()).Env.VersionTable;
        Assert.Equal((name, line), (table?.Name, table?.Line));
    }

    [Fact]
    public async Task A_version_table_that_code_decides_is_refused_until_the_setting_names_it()
    {
        _folder.Replace("migrations/env.py", "            compare_type=True,\n            render",
            "            compare_type=True,\n            version_table=\"_\".join([\"our\", \"revisions\"]),\n            render");

        var (code, output, _) = await AlembicRun.MigrateAsync(_folder);
        Assert.Equal(2, code);
        Assert.Contains("code decides the name of the version table", output, StringComparison.Ordinal);
        Assert.Contains("remedy: Set Alembic:VersionTable", output, StringComparison.Ordinal);

        (code, output, var log) = await AlembicRun.MigrateAsync(_folder, ("Alembic:VersionTable", "our_revisions"));
        Assert.True(code == 0, output + log);
        Assert.Equal(AlembicFolder.Head, await Sqlite3.QueryAsync(_folder.Database, "SELECT version_num FROM our_revisions"));
    }

    [Theory]
    [InlineData("script_location = %(here)s/migrations", "script_location = nowhere", "Path doesn't exist: ", "Correct script_location")]
    [InlineData("script_location = %(here)s/migrations", "", "No 'script_location' key found in configuration", "Correct script_location")]
    [InlineData("[alembic]", "[alembik]", "No config file ", "Correct script_location")]
    [InlineData("[alembic]", "stray = 1\n[alembic]", "File contains no section headers", "Correct what it says")]
    [InlineData("%(here)s/migrations\n", "%(here)s/migrations\nversion_locations = %(here)s/nowhere\n", "No such file or directory: ",
        "Ship that file")]
    public async Task What_alembic_says_of_a_wrong_ini_is_told_with_the_remedy(string old, string with, string message, string remedy)
    {
        _folder.Replace("alembic.ini", old, with);

        var (code, output, log) = await AlembicRun.MigrateAsync(_folder);
        Assert.True(code == 2, output + log);
        Assert.Contains("failed: InvalidConfiguration: Alembic cannot be asked about alembic.ini: ", output, StringComparison.Ordinal);
        Assert.Contains(message, output, StringComparison.Ordinal);
        Assert.Contains($"remedy: {remedy}", output, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.Database));
    }

    [Fact]
    public async Task A_missing_versions_folder_is_not_a_project_without_revisions()
    {
        Directory.Delete(_folder["migrations/versions"], recursive: true);
        var error = (await Assert.ThrowsAsync<MigrationException>(() => _folder.AskAsync())).Error;
        Assert.Equal(MigrationErrorCode.InvalidConfiguration, error.Code);
        Assert.Contains("FileNotFoundError: ", error.Message, StringComparison.Ordinal);

        Directory.CreateDirectory(_folder["migrations/versions"]);
        Assert.Empty((await _folder.AskAsync()).Revisions);
    }

    [Fact]
    public async Task A_versions_folder_that_may_not_be_read_ends_with_2()
    {
        File.SetUnixFileMode(_folder.Path, (UnixFileMode)0x1FF);
        File.SetUnixFileMode(_folder["migrations/versions"], UnixFileMode.None);

        // Permissions mean nothing to root, which the tests may run as.
        await using var program = new RunningProgram("setpriv",
            [$"--reuid={Nobody}", $"--regid={Nobody}", "--clear-groups", MigrationHostProgram.Path, "migrate",
            .. AlembicRun.Settings(_folder)], _folder.Path);

        Assert.True(await program.ExitAsync() == 2, program.All);
        Assert.Contains("PermissionError: ", program.All, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pyproject_toml_needs_an_alembic_that_reads_it()
    {
        _folder.Write("pyproject.toml", "[tool.alembic]\nscript_location = \"%(here)s/migrations\"\n");
        var (code, output, log) = await AlembicRun.MigrateAsync(_folder, ("Alembic:Config", "pyproject.toml"));
        Assert.True(code == 2, output + log);
        Assert.Contains("pyproject.toml needs Alembic 1.16 or newer, and this is Alembic 1.", output, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>A virtual environment with the system's Alembic, and the sources of a package linked into it as 'pip install -e'
    /// does.</summary>
    private async Task<AlembicOptions> VirtualEnvironmentAsync(string sources)
    {
        await using (var venv = new RunningProgram("/usr/bin/python3", ["-m", "venv", "--without-pip", "--system-site-packages", "venv"],
            _folder.Path))
            Assert.True(await venv.ExitAsync() == 0, venv.All);
        _folder.Write($"{Path.GetRelativePath(_folder.Path, Directory.GetDirectories(_folder["venv/lib"], "python3*")[0])}/site-packages/shop.pth", sources + "\n");
        _folder.Write("venv/bin/alembic", $"#!/bin/sh\n'''exec' \"{_folder["venv/bin/python"]}\" \"$0\" \"$@\"\n' '''\nimport sys\nfrom "
            + "alembic.config import main\nsys.exit(main(prog='alembic'))\n");
        File.SetUnixFileMode(_folder["venv/bin/alembic"], (UnixFileMode)0x1ED);
        return new AlembicOptions { Executable = "venv/bin/alembic" };
    }
}
