using System.Runtime.CompilerServices;
using MigrationHost.Platform;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace MigrationHost.Databases.Sqlite;

/// <summary>
/// The checks of <c>doctor</c> on an SQLite file. For a process that has no connection to it: it opens the file directly.
/// </summary>
internal sealed class SqliteDoctor(SqliteDatabase database, SqliteSettings settings)
{
    private const long LittleSpace = 100L << 20;

    private readonly string _path = settings.Path;
    private readonly string _folder = Path.GetDirectoryName(settings.Path)!;

    public async IAsyncEnumerable<DoctorCheck> CheckAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return Versions();
        var folder = Folder();
        yield return folder;
        if (folder.Result != DoctorResult.Problem)
        {
            yield return Disk();
            yield return FileSystem();
        }
        if (OperatingSystem.IsLinux())
        {
            yield return TemporaryFolder();
            yield return Turn();
        }
        if (File.Exists(_path))
        {
            var file = Writable();
            yield return file;
            if (file.Result == DoctorResult.Ok)
                yield return Owners();
            yield return Leftovers();
            yield return await ContentAsync(cancellationToken).ConfigureAwait(false);
        }
        else
        {
            yield return settings.MayCreate
                ? DoctorCheck.Ok("file", $"{settings.Configured} does not exist yet; the first migration creates it")
                : DoctorCheck.Problem("file", settings.Missing, SqliteErrors.CreateIt);
        }
    }

    private static DoctorCheck Versions()
    {
        using var connection = new SqliteConnection();
        var driver = typeof(SqliteConnection).Assembly.GetName().Version?.ToString(3);
        return DoctorCheck.Ok("versions", $"SQLite {connection.ServerVersion}, Microsoft.Data.Sqlite {driver}, .NET {Environment.Version}");
    }

    // SQLite puts its journal there, so the folder matters as much as the file.
    private DoctorCheck Folder()
    {
        var existing = Existing();
        if (existing != _folder && !settings.MayCreate)
            return DoctorCheck.Problem("folder", $"{_folder} does not exist", "Create it, or mount the volume that it is on.");
        try
        {
            using var probe = new FileStream(
                Path.Combine(existing, $".migrationhost-doctor-{Environment.ProcessId}"),
                FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
            return DoctorCheck.Ok(
                "folder", existing == _folder ? $"{_folder} is writable" : $"{_folder} does not exist yet and can be created");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var (problem, hint) = SqliteErrors.NotWritable(_path, e);
            return DoctorCheck.Problem("folder", $"{settings.Configured} {problem}", hint);
        }
    }

    private DoctorCheck Disk()
    {
        var free = new DriveInfo(Existing()).AvailableFreeSpace;
        var size = SqliteFile.Length(_path);
        var message = $"{free >> 20} MiB free, the database has {size >> 20} MiB";
        return free < Math.Max(LittleSpace, size)
            ? DoctorCheck.Warning("disk", message, "Free some space: a table rebuild or VACUUM needs as much again as the database has.")
            : DoctorCheck.Ok("disk", message);
    }

    private DoctorCheck FileSystem()
    {
        var kind = new DriveInfo(Existing()).DriveFormat;
        return NetworkFileSystem.Is(kind)
            ? DoctorCheck.Warning(
                "file system",
                $"{_folder} is on {kind}, a network file system",
                "Keep SQLite files on a local disk: file locks over a network are unreliable (https://www.sqlite.org/useovernet.html). "
                + "For several machines use PostgreSQL.")
            : DoctorCheck.Ok("file system", kind);
    }

    private DoctorCheck Writable()
    {
        if (settings.ReadOnly)
            return DoctorCheck.Warning("file", $"{settings.Configured} is opened with Mode=ReadOnly", SqliteErrors.LeaveModeOut);
        try
        {
            using var file = new FileStream(_path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            return DoctorCheck.Ok("file", $"{settings.Configured} is readable and writable");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return DoctorCheck.Problem(
                "file",
                $"{settings.Configured} is not writable: {e.Message}",
                SqliteAccess.Problem(_path)?.Hint ?? "Give this process's user write permission on it.");
        }
    }

    // Work on the database as another user, root for one, may have left them.
    private DoctorCheck Owners()
    {
        if (SqliteAccess.Problem(_path) is var (problem, hint))
            return DoctorCheck.Problem("owners", $"{settings.Configured} {problem}", hint);
        return SqliteAccess.OfAnotherOwner(_path) is { Count: > 0 } others
            ? DoctorCheck.Warning(
                "owners",
                $"another owner than the database's: {string.Join(", ", others.Select(file => $"{file} ({FileOwner.Of(file)})"))}",
                SqliteAccess.ChangeOwner(_path, others))
            : DoctorCheck.Ok("owners", $"the database and the files beside it belong to {FileOwner.Of(_path)}");
    }

    private DoctorCheck TemporaryFolder()
    {
        if (SqliteTemporaryFolder.Find() is not { } folder)
            return DoctorCheck.Problem("temporary files", "no folder for temporary files is writable", SqliteTemporaryFolder.Remedy);
        if (SqliteTemporaryFolder.Unusable() is { } wanted)
            return DoctorCheck.Warning(
                "temporary files",
                $"{SqliteTemporaryFolder.Variable}={wanted} is not a folder that is writable; SQLite uses {folder}",
                "Make it one, or leave the variable out.");
        var free = new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace;
        var message = $"SQLite puts temporary files into {folder}, {free >> 20} MiB free";
        return free < SqliteFile.Length(_path)
            ? DoctorCheck.Warning(
                "temporary files",
                message,
                $"VACUUM needs as much there as the database has: free some space, or name another in {SqliteTemporaryFolder.Variable}.")
            : DoctorCheck.Ok("temporary files", message);
    }

    private DoctorCheck Turn()
    {
        try
        {
            return TurnFile.Look(_path)
                ? DoctorCheck.Ok("turn", "the file of the turn exists: an instance is running, or was killed")
                : DoctorCheck.Ok("turn", "no instance has the turn");
        }
        catch (UnusableFileException e)
        {
            return DoctorCheck.Problem("turn", e.Message, e.Remedy);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return DoctorCheck.Problem("turn", e.Message, SqliteErrors.FolderRemedy(e));
        }
    }

    private DoctorCheck Leftovers() =>
        SqliteJournal.Filled(_path) is not null
            ? DoctorCheck.Warning(
                "leftovers",
                $"{settings.Configured}-journal exists: a process is writing, or was ended while it wrote",
                "If no process has the database open, the next start restores the last committed state. Never delete a journal by hand.")
        : SqliteFile.Length(SqliteFile.Wal(_path)) is var wal and > LittleSpace
            ? DoctorCheck.Warning(
                "leftovers", $"{settings.Configured}-wal has {wal >> 20} MiB", "End long readers; the next checkpoint then empties it.")
        : DoctorCheck.Ok("leftovers", "no journal left behind");

    private async Task<DoctorCheck> ContentAsync(CancellationToken cancellationToken)
    {
        try
        {
            var attempt = await database.TryOpenAsync(SessionPurpose.Inspect, cancellationToken).ConfigureAwait(false);
            if (attempt.Session is not SqliteSession session)
                return DoctorCheck.Problem("database", $"waiting for {attempt.Lacks}", attempt.Lacks?.Remedy ?? "");
            await using var disposed = session.ConfigureAwait(false);
            var (mode, busy) = await session.RunAsync(JournalMode, cancellationToken).ConfigureAwait(false);
            return busy
                ? DoctorCheck.Warning("database", "another process has the file locked exclusively", "See the check named locks.")
                : DoctorCheck.Ok("database", $"an SQLite database, journal mode {mode}");
        }
        catch (MigrationException e)
        {
            return DoctorCheck.Problem("database", e.Error.Message, e.Error.Hint ?? "");
        }
    }

    private (string Mode, bool Busy) JournalMode(RawSqlite sqlite)
    {
        if (!sqlite.TryExecute("SELECT count(*) FROM sqlite_master"))
            return ("", true);
        return sqlite.AtRest is not null
            ? ("wal", false)
            : (sqlite.Query("PRAGMA journal_mode", row => raw.sqlite3_column_text(row, 0).utf8_to_string())[0], false);
    }

    private string Existing()
    {
        var existing = _folder;
        while (!Directory.Exists(existing) && Path.GetDirectoryName(existing) is { } parent)
            existing = parent;
        return existing;
    }
}
