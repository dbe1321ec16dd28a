using System.Text.Json;
using MigrationHost.Platform;

namespace MigrationHost.Databases.Sqlite;

/// <summary>
/// The turn of one instance of ours on one file: an operating system's lock, which ends with its process, on a file next to the
/// database, and beside it what the holder is doing.
/// </summary>
/// <remarks>
/// It covers what runs outside a transaction and spares the others the race for the write lock. Safety does not rest on it: the last
/// word is the look at the history under SQLite's own lock. Whoever may write to the folder may put something else at these names:
/// nothing is followed, overwritten or waited for there.
/// </remarks>
internal sealed class TurnFile : IDisposable
{
    private const int LongestInfo = 64 << 10;

    private static readonly TimeSpan ShowEvery = TimeSpan.FromMilliseconds(200);

    private readonly LockedFile _lock;
    private readonly string _databasePath;
    private readonly TimeProvider _time;
    private long? _shownAt;

    private TurnFile(LockedFile held, string databasePath, TimeProvider time) => (_lock, _databasePath, _time) = (held, databasePath, time);

    public static string PathFor(string databasePath) => databasePath + "-migrationhost";

    /// <summary>Takes the turn; null if another instance has it.</summary>
    /// <exception cref="UnusableFileException">Something else is there than a file that we can use.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder is not writable.</exception>
    /// <exception cref="IOException">The file cannot be made.</exception>
    public static TurnFile? TryTake(string databasePath, TimeProvider time)
    {
        try
        {
            return LockedFile.TryTake(PathFor(databasePath), databasePath) is { } held ? new TurnFile(held, databasePath, time) : null;
        }
        catch (UnauthorizedAccessException) when (FileStatus.Of(PathFor(databasePath), followLinks: false) is not null)
        {
            throw OfAnotherUser(databasePath);
        }
    }

    /// <summary>Looks whether the turn's file is there. Changes nothing.</summary>
    /// <exception cref="UnusableFileException">Something else is there than a file that we can use.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static bool Look(string databasePath)
    {
        try
        {
            using var info = PlainFile.Open(InfoPath(databasePath));
            using var file = PlainFile.Open(PathFor(databasePath));
            return file is not null;
        }
        catch (UnauthorizedAccessException)
        {
            throw OfAnotherUser(databasePath);
        }
    }

    /// <summary>Removes what a killed process has left, unless another process has the turn.</summary>
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
            // Whoever takes the turn is told.
        }
    }

    /// <summary>Who has the turn, as far as it says; null if it says nothing.</summary>
    public static TurnHolder? ReadHolder(string databasePath)
    {
        try
        {
            using var file = PlainFile.Open(InfoPath(databasePath));
            if (file is null)
                return null;
            var content = new byte[Math.Min(RandomAccess.GetLength(file), LongestInfo)];
            return JsonSerializer.Deserialize(content.AsSpan(0, RandomAccess.Read(file, content, 0)), TurnHolderJson.Default.TurnHolder);
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
            PlainFile.Replace(
                InfoPath(_databasePath),
                _databasePath,
                file => file.Write(new TurnHolder(Instance.Name, progress.Doing, progress.Mark).ToJson()));
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
            PlainFile.Remove(InfoPath(_databasePath));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next holder replaces it.
        }
        _lock.Dispose();
    }

    private static string InfoPath(string databasePath) => PathFor(databasePath) + "-info";

    private static UnusableFileException OfAnotherUser(string databasePath)
    {
        var path = PathFor(databasePath);
        return new UnusableFileException(
            $"{path} belongs to {FileOwner.Of(path)} and may not be read by {FileOwner.Name(LibC.EffectiveUser())}: "
            + "a run as that user has left it, or is under way",
            "If no MigrationHost runs on this database, remove it; "
            + $"or give it the database's owner: {SqliteAccess.ChangeOwner(databasePath, [path])}");
    }
}
