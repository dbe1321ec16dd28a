using System.Diagnostics;
using MigrationHost.Platform;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Program;

/// <summary>Where <c>script --output</c> may write, and what it leaves of what is there.</summary>
public sealed class ScriptOutputTests : IAsyncLifetime
{
    private readonly SqliteTestDatabase _database = new();

    public Task InitializeAsync()
    {
        _database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task A_folder_that_is_missing_a_folder_and_a_pipe_are_refused_and_stay_as_they_are()
    {
        using (var made = Process.Start("mkfifo", _database.Folder["pipe"]))
            await made.WaitForExitAsync();
        foreach (var (path, why) in new[] { ("nowhere/x.sql", "cannot be written"), ("migrations", "cannot be written"), ("pipe", "is a pipe") })
        {
            var (code, errors) = await WriteAsync(path);

            Assert.Equal(2, code);
            Assert.Contains($"--output: {why}", errors, StringComparison.Ordinal);
        }
        Assert.Equal(FileKind.Special, FileStatus.Of(_database.Folder["pipe"])?.Kind);
        Assert.DoesNotContain(Directory.GetFiles(_database.Folder.Path), path => path.EndsWith(".tmp", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_link_stays_a_link_and_its_file_gets_the_script()
    {
        var file = _database.Folder.Write("kept/script.sql", "what was there");
        File.CreateSymbolicLink(_database.Folder["link.sql"], file);

        Assert.Equal(0, (await WriteAsync("link.sql")).Code);

        Assert.NotNull(new FileInfo(_database.Folder["link.sql"]).LinkTarget);
        Assert.Contains("CREATE TABLE a", File.ReadAllText(file), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CREATE TABLE `it's` (x);")]
    [InlineData("CREATE TABLE [it's] (x);")]
    [InlineData("/* see sql/*.sql */ CREATE TABLE b (x);")]
    public async Task A_plain_pair_is_left_out_whatever_stands_between(string statement)
    {
        _database.Migration("2_plain", $"BEGIN;\n{statement}\nCOMMIT;\n");

        Assert.Equal((0, ""), await WriteAsync("script.sql"));

        var script = File.ReadAllText(_database.Folder["script.sql"]);
        Assert.Equal(2, script.Split("BEGIN").Length - 1);
        Assert.Equal(2, script.Split("COMMIT").Length - 1);
        Assert.Contains(statement, script, StringComparison.Ordinal);
    }

    private async Task<(int Code, string Errors)> WriteAsync(string path)
    {
        var (code, _, errors) = await MigrationHostProgram.RunAsync(
            _database.Folder.Path, ["script", "--output", path, .. _database.Arguments()]);
        return (code, errors);
    }
}
