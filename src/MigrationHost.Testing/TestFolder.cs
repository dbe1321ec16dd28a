using System.Globalization;

namespace MigrationHost.Testing;

/// <summary>The folder of one process's SQLite files, below the one that all processes share for their templates.</summary>
/// <remarks>A file beside it is locked as long as the process lives: the folder of a process that is gone is removed by the next
/// one.</remarks>
internal sealed class TestFolder
{
    private const string Alive = ".alive";

    private static readonly TimeSpan TemplatesLive = TimeSpan.FromDays(7);

    private static readonly Lazy<TestFolder> Own = new(() => new TestFolder());

    // Of this user alone: the temporary folder is everybody's.
    private static readonly string Shared = Path.Combine(Path.GetTempPath(), $"migrationhost-testing-{Environment.UserName}");

    private readonly string _path;
    private readonly FileStream? _alive;
    private int _last;

    private TestFolder()
    {
        Directory.CreateDirectory(Shared);
        RemoveLeftovers();
        _path = Path.Combine(Shared, $"{Environment.ProcessId}-{Guid.NewGuid():N}");
        _alive = TryLock(_path + Alive);
        Directory.CreateDirectory(_path);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Remove(_path, _alive);
    }

    public static TestFolder OfThisProcess => Own.Value;

    /// <summary>The file of a template, which may be there.</summary>
    public static string TemplateOf(string key) => Path.Combine(Directory.CreateDirectory(Shared).FullName, $"{key}.db");

    /// <summary>Locks a file; null if another process has it, or another part of this one.</summary>
    public static FileStream? TryLock(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>A path that no other test has.</summary>
    public string NewPath() =>
        Path.Combine(_path, string.Create(CultureInfo.InvariantCulture, $"{Interlocked.Increment(ref _last)}.db"));

    /// <summary>Makes the folder again if somebody has removed it.</summary>
    public void MakeAgain() => Directory.CreateDirectory(_path);

    private static void RemoveLeftovers()
    {
        foreach (var alive in Directory.EnumerateFiles(Shared, $"*{Alive}"))
        {
            if (TryLock(alive) is { } abandoned)
                Remove(alive[..^Alive.Length], abandoned);
        }
        var oldest = TimeProvider.System.GetUtcNow() - TemplatesLive;
        foreach (var file in new DirectoryInfo(Shared).EnumerateFiles("*.db*").Where(file => file.LastAccessTimeUtc < oldest))
            TryDelete(file.FullName);
    }

    private static void Remove(string folder, FileStream? alive)
    {
        try
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
            TryDelete(folder + Alive);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // On Windows a file that is still open cannot be removed: the next process tries again.
        }
        alive?.Dispose();
    }

    private static void TryDelete(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another process has been faster, or has it open.
        }
    }
}
