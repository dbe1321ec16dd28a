using System.Runtime.InteropServices;
using MigrationHost.Platform;

namespace MigrationHost.Databases.Sqlite;

/// <summary>
/// Which of a database's files this process may not use, and why: the file itself, what SQLite puts beside it, their folder.
/// Asked of the system without opening any of them.
/// </summary>
internal static class SqliteAccess
{
    public const string MountWritable =
        "Mount it writable (Kubernetes: no readOnly on the volume mount; Docker: no :ro), or keep the database on another volume.";

    /// <summary>
    /// What stands in the way of reading and writing, as the end of a sentence about the database, and what to do; null if nothing does.
    /// </summary>
    /// <param name="path">The database.</param>
    public static (string Problem, string Hint)? Problem(string path)
    {
        if (!OperatingSystem.IsLinux())
            return null;
        foreach (var file in Files(path))
        {
            if (Refusal(file, LibC.MayRead | LibC.MayWrite) is { } error)
                return Explain(path, file, error);
        }
        return FolderProblem(path);
    }

    /// <summary>The same of the folder alone, which SQLite puts its journal into; also of one that cannot be made.</summary>
    /// <param name="path">The database.</param>
    public static (string Problem, string Hint)? FolderProblem(string path)
    {
        if (!OperatingSystem.IsLinux() || Path.GetDirectoryName(path) is not { } folder)
            return null;
        var existing = folder;
        while (!Directory.Exists(existing) && Path.GetDirectoryName(existing) is { } parent)
            existing = parent;
        if (Refusal(existing, LibC.MayWrite | LibC.MayExecute) is not { } refused)
            return null;
        var us = FileOwner.Name(LibC.EffectiveUser());
        return existing == folder || refused == LibC.ErrorReadOnlyFileSystem ? Explain(path, existing, refused) : (
            $"cannot be created: its folder {folder} does not exist, and {us} may not make one in {existing}",
            $"Create {folder}, or mount the volume that it is on, and give {us} write permission on it.");
    }

    /// <summary>Files beside the database that have another owner than the database; empty if the system does not say.</summary>
    /// <param name="path">The database.</param>
    public static IReadOnlyList<string> OfAnotherOwner(string path) => FileStatus.Of(path) is not { } database ? [] :
    [
        .. Files(path).Skip(1).Where(file => FileStatus.Of(file) is { } beside && beside.User != database.User),
    ];

    /// <summary>The command that gives files the database's owner.</summary>
    public static string ChangeOwner(string path, IEnumerable<string> files) => $"chown --reference={path} {string.Join(' ', files)}";

    private static string[] Files(string path) => [path, SqliteFile.Wal(path), SqliteFile.Shm(path), SqliteFile.Journal(path)];

    // The system's error number; null if it may be used, or does not exist.
    private static int? Refusal(string file, int access) =>
        LibC.Access(LibC.CurrentDirectory, file, access, LibC.AsEffectiveUser) == 0 ? null
        : Marshal.GetLastPInvokeError() is var error and not LibC.ErrorNotThere ? error
        : null;

    private static (string, string) Explain(string path, string file, int error)
    {
        if (error == LibC.ErrorReadOnlyFileSystem)
            return ("is not writable, since its file system is mounted read-only", MountWritable);
        var what = file == path ? "" : $", since {file}";
        var us = FileOwner.Name(LibC.EffectiveUser());
        return (
            file == path
                ? $"is not writable for {us}, and belongs to {FileOwner.Of(file)}"
                : $"is not writable{what} belongs to {FileOwner.Of(file)} and may not be written by {us}",
            OfAnotherOwner(path).Contains(file)
                ? $"Give it the database's owner: {ChangeOwner(path, [file])}"
                : $"Give {us} write permission on {file}: SQLite writes the database and, beside it in its folder, the journal.");
    }
}
