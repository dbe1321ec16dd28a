using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Program;

/// <summary>Completion as each shell does it.</summary>
public sealed class CompletionTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private string _script = "";

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync()
    {
        _folder.Dispose();
        return Task.CompletedTask;
    }

    [Theory]
    [InlineData("mig", "migrate")]
    [InlineData("migrate --dr", "--dry-run")]
    [InlineData("--database app status --sh", "--short")]
    [InlineData("explain Histo", "HistoryMismatch")]
    [InlineData("completion z", "zsh")]
    public async Task Bash_completes(string typed, string completed)
    {
        await MakeAsync("bash");
        var words = typed.Split(' ');
        var quoted = string.Join(' ', words.Select(word => $"'{word}'"));

        var output = await RunAsync("bash", $"source {_script}; COMP_WORDS=(migrationhost {quoted}); COMP_CWORD={words.Length}; _migrationhost; echo \"${{COMPREPLY[*]}}\"");

        Assert.Equal(completed, output);
    }

    [Theory]
    [InlineData("mig", "migrate")]
    [InlineData("migrate --dr", "--dry-run")]
    [InlineData("explain Histo", "HistoryMismatch")]
    public async Task Fish_completes(string typed, string completed)
    {
        await MakeAsync("fish");

        var output = await RunAsync("fish", $"source {_script}; complete -C 'migrationhost {typed}'");

        Assert.Equal([completed], output.Split('\n').Select(line => line.Split('\t')[0]));
        Assert.Contains('\t', output);
    }

    [Theory]
    [InlineData("mig", "migrate ")]
    [InlineData("migrate --dr", "--dry-run ")]
    [InlineData("explain Histo", "HistoryMismatch ")]
    public async Task Zsh_completes(string typed, string completed)
    {
        await MakeAsync("zsh");

        // A shell at a terminal of its own, which presses the key and then has the line printed.
        var output = await RunAsync("zsh", $$"""
            zmodload zsh/zpty
            zpty shell "zsh -f -i"
            zpty -w shell "PS1= RPS1=; autoload -U compinit; compinit -u -D; source {{_script}}"
            zpty -w shell "show() { print -r -- \"<\$BUFFER>\"; BUFFER=; zle accept-line }; zle -N show; bindkey '^X' show; print ready-\$((1+1))"
            zpty -m -r shell line '*ready-2*'
            zpty -w -n shell $'migrationhost {{typed}}\t\x18'
            zpty -m -r shell line '*<migrationhost*>*'
            print -r -- "$line"
            zpty -d shell
            """);

        Assert.Contains($"{typed[..(typed.LastIndexOf(' ') + 1)]}{completed}>", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_shell_that_is_not_known_is_refused()
    {
        var (code, output, errors) = await MigrationHostProgram.RunAsync(_folder.Path, "completion", "powershell");

        Assert.Equal((2, ""), (code, output));
        Assert.Contains("choose from bash, zsh, fish", errors, StringComparison.Ordinal);
    }

    private async Task MakeAsync(string shell)
    {
        var (code, output, errors) = await MigrationHostProgram.RunAsync(_folder.Path, "completion", shell);
        Assert.Equal((0, ""), (code, errors));
        _script = _folder.Write($"script.{shell}", output);
    }

    private async Task<string> RunAsync(string shell, string commands)
    {
        await using var program = new RunningProgram(shell, [_folder.Write("commands", commands)]);
        program.CloseInput();
        Assert.True(await program.ExitAsync() == 0, program.All);
        return program.Output.TrimEnd().ReplaceLineEndings("\n");
    }
}
