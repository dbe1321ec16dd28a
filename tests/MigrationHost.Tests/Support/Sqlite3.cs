namespace MigrationHost.Tests.Support;

/// <summary>The sqlite3 shell as a second process: it holds locks for as long as the test wants, and reads what others will see.</summary>
internal sealed class Sqlite3 : IAsyncDisposable
{
    private readonly RunningProgram _shell;

    private Sqlite3(RunningProgram shell) => _shell = shell;

    public int Pid => _shell.Pid;

    /// <summary>A shell that has run this SQL and keeps its transaction open.</summary>
    public static async Task<Sqlite3> HoldAsync(string database, string sql)
    {
        var shell = new RunningProgram("sqlite3", ["-batch", database]);
        await shell.WriteLineAsync(".timeout 20000");
        await shell.WriteLineAsync(sql);
        await shell.WriteLineAsync("SELECT 'held it is';");
        await Eventually.BecomesTrueAsync(() => shell.Output.Contains("held it is", StringComparison.Ordinal) || shell.Errors.Length > 0, () => shell.All);
        Assert.Equal("", shell.Errors);
        return new Sqlite3(shell);
    }

    /// <summary>A shell that was told this SQL and may be waiting for somebody's lock.</summary>
    public static async Task<Sqlite3> SayAsync(string database, string sql)
    {
        var shell = new RunningProgram("sqlite3", ["-batch", database]);
        await shell.WriteLineAsync(".timeout 100000");
        await shell.WriteLineAsync(sql);
        return new Sqlite3(shell);
    }

    /// <summary>What a query prints, its rows on lines and its columns behind bars.</summary>
    public static async Task<string> QueryAsync(string database, string sql)
    {
        await using var shell = new RunningProgram("sqlite3", ["-batch", database, ".timeout 20000", sql]);
        shell.CloseInput();
        Assert.True(await shell.ExitAsync() == 0, $"{sql}: {shell.Errors}");
        return shell.Output.TrimEnd().ReplaceLineEndings("\n");
    }

    /// <summary>As Ctrl-Z does.</summary>
    public void Stop() => _shell.Stop();

    public void Continue() => _shell.Continue();

    /// <summary>Rolls back and ends.</summary>
    public async Task ReleaseAsync()
    {
        _shell.CloseInput();
        await _shell.ExitAsync();
    }

    public ValueTask DisposeAsync() => _shell.DisposeAsync();
}
