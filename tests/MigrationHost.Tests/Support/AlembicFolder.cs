namespace MigrationHost.Tests.Support;

/// <summary>A copy of the sample project in a folder of a test's own, to be spoiled at will.</summary>
internal sealed class AlembicFolder : IDisposable
{
    private readonly TempFolder _folder = new();

    public AlembicFolder()
    {
        var sample = System.IO.Path.Combine(MigrationHostProgram.Repository, "samples", "alembic");
        foreach (var file in Directory.EnumerateFiles(sample, "*", SearchOption.AllDirectories).Where(file => !file.Contains("__pycache__", StringComparison.Ordinal)))
            _folder.Write(System.IO.Path.GetRelativePath(sample, file), File.ReadAllBytes(file));
    }

    public const string Head = "e7b360d95c1a";

    /// <summary>The last revision before the branches part.</summary>
    public const string Middle = "5b7e3d12c6a8";

    public static readonly string[] InOrder = ["2f1c8a90d4b1", "5b7e3d12c6a8", "8c04f6e1b9d3", "9a52d7c03e6f", "b3e9105f7a24", "c6d82b4e91f5", "d1f4a7630c8e", "e7b360d95c1a"];

    public string Path => _folder.Path;

    public string this[string name] => _folder[name];

    /// <summary>The SQLite file that the project's ini names.</summary>
    public string Database => _folder["shop.db"];

    public string EnvFile => _folder["migrations/env.py"];

    public void Write(string name, string text) => _folder.Write(name, text);

    /// <summary>Replaces text that must be there.</summary>
    public void Replace(string name, string old, string with)
    {
        var text = File.ReadAllText(_folder[name]);
        Assert.Contains(old, text, StringComparison.Ordinal);
        File.WriteAllText(_folder[name], text.Replace(old, with, StringComparison.Ordinal));
    }

    /// <summary>The line of the first occurrence of a text.</summary>
    public int LineOf(string name, string text) => Array.FindIndex(File.ReadAllLines(_folder[name]), line => line.Contains(text, StringComparison.Ordinal)) + 1;

    /// <summary>Adds a revision.</summary>
    public void Revision(string id, string down, string body) => Write($"migrations/versions/{id}_added.py", $"""
        "added {id}"
        import sqlalchemy as sa
        from alembic import op

        revision = "{id}"
        down_revision = {(down.Contains('"', StringComparison.Ordinal) || down == "None" ? down : $"\"{down}\"")}


        def upgrade():
        {string.Join('\n', body.ReplaceLineEndings("\n").Split('\n').Select(line => $"    {line}"))}
        """);

    /// <summary>Runs the real tool.</summary>
    public async Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        await using var tool = new RunningProgram("alembic", arguments, Path, new Dictionary<string, string?> { ["DATABASE_URL"] = null });
        tool.CloseInput();
        var code = await tool.ExitAsync();
        return (code, tool.Output, tool.Errors);
    }

    public void Dispose() => _folder.Dispose();
}
