namespace MigrationHost.Tests.Support;

/// <summary>A folder of a test's own.</summary>
internal sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("migrationhost-test-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public string Write(string name, string text) => Write(name, System.Text.Encoding.UTF8.GetBytes(text));

    public string Write(string name, byte[] content)
    {
        var path = this[name];
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        return path;
    }

    /// <summary>Makes a named pipe.</summary>
    public async Task<string> MakePipeAsync(string name)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(this[name])!);
        await using var make = new RunningProgram("mkfifo", [this[name]]);
        Assert.Equal(0, await make.ExitAsync());
        return this[name];
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
