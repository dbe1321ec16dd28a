namespace MigrationHost.Tests.Support;

/// <summary>An SQLite file that an external tool, a small shell or Python program of the test, migrates.</summary>
internal sealed class ToolTestDatabase : IAsyncDisposable
{
    private readonly SqliteTestDatabase _database = new();

    public string Mark { get; } = Guid.NewGuid().ToString("N");

    public TempFolder Folder => _database.Folder;

    public string Path => _database.Path;

    public Task<string> QueryAsync(string sql) => _database.QueryAsync(sql);

    public Task<LockHolder> HoldFromOutsideAsync() => _database.HoldFromOutsideAsync();

    public Task<LockHolder> HoldFromInsideAsync() => _database.HoldFromInsideAsync();

    /// <summary>A tool in sh.</summary>
    public void Tool(string script) => Executable("tool", $"#!/bin/sh\n{script}\n");

    /// <summary>A tool in Python, with sqlite3 at hand.</summary>
    public void PythonTool(string script) => Executable("tool", $"#!/usr/bin/python3\nimport os, signal, sqlite3, subprocess, sys, time\n{script}\n");

    public void Verify(string script) => Executable("verify", $"#!/bin/sh\n{script}\n");

    public (string Key, string Value)[] Settings(params (string Key, string Value)[] more) =>
    [
        ("Databases:app:Engine", "Command"),
        ("Databases:app:Command:Executable", "./tool"),
        ("Databases:app:Command:Arguments:0", Path),
        ("Databases:app:Command:Environment:MARK", Mark),
        .. File.Exists(Folder["verify"])
            ? new[] { ("Databases:app:Command:Verify:Executable", "./verify"), ("Databases:app:Command:Verify:Arguments:0", Path), ("Databases:app:Command:Verify:Environment:MARK", Mark) }
            : [],
        .. more,
    ];

    public TestHost Host(params (string Key, string Value)[] more) => _database.Host(Settings(more));

    public IEnumerable<string> Arguments(params (string Key, string Value)[] more) => _database.Arguments(Settings(more));

    /// <summary>Fails where anything of the tool still runs, or the file is not free.</summary>
    public async Task AssertNothingLeftAsync()
    {
        Assert.Empty(Processes.Marked(Mark));
        await _database.AssertReleasedAsync();
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private void Executable(string name, string text)
    {
        File.SetUnixFileMode(Folder.Write(name, text), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
