using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Packaging;

/// <summary>deploy/install.sh: what is installed runs, and what ran before stays until then.</summary>
public sealed class InstallTests : IDisposable
{
    private static readonly string Script = Path.Combine(MigrationHostProgram.Repository, "deploy", "install.sh");

    private readonly TempFolder _folder = new();

    public InstallTests() => _folder.Write("migrationhost", "#!/bin/sh\necho 1.2.3\n");

    [Theory]
    [InlineData("migrationhost")]
    [InlineData("migrationhost.tar.gz")]
    public async Task The_program_is_installed_from_itself_and_from_an_archive(string file)
    {
        await RunAsync("sh", "-c", "tar -czf migrationhost.tar.gz migrationhost && sha256sum migrationhost.tar.gz > migrationhost.tar.gz.sha256");

        var (code, output) = await InstallAsync(file);
        Assert.True(code == 0, output);
        Assert.Contains($"installed migrationhost 1.2.3 in {_folder["bin"]}", output, StringComparison.Ordinal);
        Assert.Equal((0, "1.2.3"), await RunAsync(_folder["bin/migrationhost"], "--version"));
    }

    [Theory]
    [InlineData("echo 2.0.0", "0000000000000000000000000000000000000000000000000000000000000000  migrationhost\n", "is not what")]
    [InlineData("exit 126", null, "does not run here")]
    public async Task What_is_damaged_or_does_not_run_here_leaves_the_old_one(string program, string? checksum, string expected)
    {
        Assert.Equal(0, (await InstallAsync("migrationhost")).Code);
        _folder.Write("migrationhost", $"#!/bin/sh\n{program}\n");
        if (checksum is not null)
            _folder.Write("migrationhost.sha256", checksum);

        var (code, output) = await InstallAsync("migrationhost");
        Assert.Equal(1, code);
        Assert.Contains(expected, output, StringComparison.Ordinal);
        Assert.Equal([_folder["bin/migrationhost"]], Directory.GetFileSystemEntries(_folder["bin"]));
        Assert.Equal((0, "1.2.3"), await RunAsync(_folder["bin/migrationhost"], "--version"));
    }

    public void Dispose() => _folder.Dispose();

    private Task<(int Code, string Output)> InstallAsync(string file) => RunAsync("sh", Script, _folder[file], _folder["bin"]);

    private async Task<(int Code, string Output)> RunAsync(string program, params string[] arguments)
    {
        await using var run = new RunningProgram(program, arguments, _folder.Path);
        run.CloseInput();
        return (await run.ExitAsync(), run.All.Trim());
    }
}
