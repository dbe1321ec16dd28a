using System.Text.Json;

namespace MigrationHost.Databases.Sqlite;

/// <summary>The turn of one instance of ours on one file: an operating system's lock, which ends with its process, on a file next to the database, and beside it what the holder is doing.</summary>
/// <remarks>It covers what runs outside a transaction and spares the others the race for the write lock. Safety does not rest on it: the last word is the look at the history under SQLite's own lock.</remarks>
internal sealed class TurnFile : IDisposable
{
    private static readonly TimeSpan ShowEvery = TimeSpan.FromMilliseconds(200);

    private readonly FileStream _lock;
    private readonly string _infoPath;
    private readonly TimeProvider _time;
    private long? _shownAt;

    private TurnFile(FileStream held, string infoPath, TimeProvider time)
    {
        _lock = held;
        _infoPath = infoPath;
        _time = time;
    }

    public static string PathFor(string databasePath) => databasePath + "-migrationhost";

    /// <summary>Takes the turn; null where another instance has it.</summary>
    /// <remarks>Opened with DeleteOnClose and OpenOrCreate, .NET checks on Unix that the file it has locked is still the one at that path, so that a removal by the holder before cannot grant the turn twice.</remarks>
    /// <exception cref="UnauthorizedAccessException">The folder is not writable.</exception>
    /// <exception cref="IOException">The file cannot be made.</exception>
    public static TurnFile? TryTake(string databasePath, TimeProvider time)
    {
        try
        {
            var held = new FileStream(PathFor(databasePath), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
            return new TurnFile(held, InfoPath(databasePath), time);
        }
        catch (IOException e) when (IsHeldByOther(e))
        {
            return null;
        }
    }

    /// <summary>Removes what a killed process has left, unless somebody has the turn.</summary>
    public static void RemoveLeftover(string databasePath, TimeProvider time)
    {
        if (!File.Exists(PathFor(databasePath)))
            return;
        try
        {
            TryTake(databasePath, time)?.Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is only litter.
        }
    }

    /// <summary>Who has the turn, as far as it says; null where it says nothing.</summary>
    public static TurnHolder? ReadHolder(string databasePath)
    {
        try
        {
            using var file = new FileStream(InfoPath(databasePath), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return JsonSerializer.Deserialize(file, TurnHolderJson.Default.TurnHolder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Shows those who wait what is being done, a few times a second. Best effort: it must never fail the run.</summary>
    public void Show(IRunProgress progress)
    {
        if (_shownAt is { } last && _time.GetElapsedTime(last) < ShowEvery)
            return;
        _shownAt = _time.GetTimestamp();
        try
        {
            using var file = new FileStream(_infoPath, FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
            JsonSerializer.Serialize(file, new TurnHolder(Instance.Name, progress.Doing, progress.Mark), TurnHolderJson.Default.TurnHolder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Those who wait then see who holds the turn, but not what it does.
        }
    }

    public void Dispose()
    {
        try
        {
            File.Delete(_infoPath);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next holder writes over it.
        }
        _lock.Dispose();
    }

    private static string InfoPath(string databasePath) => PathFor(databasePath) + "-info";

    // EWOULDBLOCK of flock on Linux and macOS, ERROR_SHARING_VIOLATION on Windows.
    private static bool IsHeldByOther(IOException e) => e.HResult is 11 or 35 or unchecked((int)0x80070020);
}
