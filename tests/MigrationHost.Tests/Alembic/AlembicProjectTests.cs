using MigrationHost.Engines.Alembic;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Alembic;

public sealed class AlembicProjectTests : IDisposable
{
    private const int Nobody = 65534;

    private readonly AlembicFolder _folder = new();

    [Fact]
    public void A_missing_versions_folder_is_no_project_without_revisions()
    {
        Directory.Delete(_folder["migrations/versions"], recursive: true);

        var error = Refused();
        Assert.Equal("migrations/versions is missing", error.Message);
        Assert.Equal($"shop:Config: {error.Message}. {error.Hint}", Assert.Single(AlembicReader.Problems("shop", new AlembicOptions { WorkingDirectory = _folder.Path }, _folder.Path)));

        Directory.CreateDirectory(_folder["migrations/versions"]);
        Assert.Empty(Project().Graph.All);
    }

    [Fact]
    public async Task A_versions_folder_that_may_not_be_read_ends_with_2()
    {
        File.SetUnixFileMode(_folder.Path, (UnixFileMode)0x1FF);
        File.SetUnixFileMode(_folder["migrations/versions"], UnixFileMode.None);

        // Permissions mean nothing to root, which the tests may run as.
        await using var program = new RunningProgram("setpriv", [$"--reuid={Nobody}", $"--regid={Nobody}", "--clear-groups", MigrationHostProgram.Path, "migrate", .. AlembicRun.Settings(_folder)], _folder.Path);

        Assert.True(await program.ExitAsync() == 2, program.All);
        Assert.Contains("migrations/versions cannot be read", program.All, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("venv/lib/python3.11/site-packages", null)]
    [InlineData("packages", "elsewhere:packages")]
    public void A_script_location_in_an_installed_package_is_found(string packages, string? pythonPath)
    {
        Directory.CreateDirectory(_folder[$"{packages}/shop_db"]);
        Directory.Move(_folder["migrations"], _folder[$"{packages}/shop_db/migrations"]);
        _folder.Replace("alembic.ini", "%(here)s/migrations", "shop_db:migrations");
        _folder.Write("venv/bin/alembic", "#!/bin/sh");
        File.SetUnixFileMode(_folder["venv/bin/alembic"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var options = new AlembicOptions { WorkingDirectory = _folder.Path, Executable = "venv/bin/alembic" };
        if (pythonPath is not null)
            options.Environment["PYTHONPATH"] = pythonPath;

        Assert.Empty(AlembicReader.Problems("shop", options, _folder.Path));
        Assert.Equal($"{packages}/shop_db/migrations/env.py", AlembicProject.Read(AlembicPlace.Of(options, _folder.Path)).EnvFile);

        options.Executable = "alembic";
        options.Environment.Clear();
        Assert.Contains("write the folder's path", Assert.Single(AlembicReader.Problems("shop", options, _folder.Path)), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private MigrationError Refused()
    {
        var error = Assert.Throws<MigrationException>(() => Project()).Error;
        Assert.Equal(MigrationErrorCode.InvalidConfiguration, error.Code);
        Assert.NotNull(error.Hint);
        return error;
    }

    private AlembicProject Project() => AlembicProject.Read(new AlembicPlace(_folder.Path, "alembic.ini", _folder.Path));
}
