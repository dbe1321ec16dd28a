using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MigrationHost.Platform;

/// <summary>
/// Files of a fixed name in a folder that others may write to: never reached through a link, and
/// never a pipe or a device, whoever put it there.
/// </summary>
internal static class PlainFile
{
    private const UnixFileMode ForAll = UnixFileMode.UserRead | UnixFileMode.UserWrite
        | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>Opens a file for reading; null if there is none.</summary>
    /// <exception cref="UnusableFileException">It is not a regular file, or its owner does not let us read it.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static SafeFileHandle? Open(string path)
    {
        if (!OperatingSystem.IsLinux())
            return OpenElsewhere(path);
        // Looked at first: opening a device can have an effect of its own.
        if (FileStatus.Of(path, followLinks: false) is { Kind: not FileKind.Regular and var kind })
            throw NotPlain(path, kind);
        var descriptor = LibC.Open(path, LibC.OpenNoFollow | LibC.OpenNonBlocking | LibC.OpenCloseOnExec, 0);
        if (descriptor < 0)
        {
            return Marshal.GetLastPInvokeError() switch
            {
                LibC.ErrorNotThere => null,
                LibC.ErrorTooManyLinks => throw NotPlain(path, FileKind.Link),
                var error => throw Failure(path, error),
            };
        }
        var file = new SafeFileHandle(descriptor, ownsHandle: true);
        if (FileStatus.Of(file) is not { Kind: not FileKind.Regular and var opened })
            return file;
        file.Dispose();
        throw NotPlain(path, opened);
    }

    /// <summary>Makes a file that must not exist yet.</summary>
    /// <param name="path">Where.</param>
    /// <param name="model">The file whose permissions it gets and, made by root, whose owner: as SQLite does with its journals. Its folder
    /// takes its place if it does not exist.</param>
    /// <exception cref="IOException">Something is there already, or it cannot be made.</exception>
    public static FileStream Create(string path, string model)
    {
        if (!OperatingSystem.IsLinux())
            return new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);

        // A FileStream would lock what it makes, and be in the way of whoever must have the lock.
        const int flags = LibC.OpenToWrite | LibC.OpenCreate | LibC.OpenNew | LibC.OpenCloseOnExec;
        var descriptor = LibC.Open(path, flags | LibC.OpenNoFollow, (uint)ForAll);
        if (descriptor < 0)
            throw Failure(path, Marshal.GetLastPInvokeError());
        var file = new SafeFileHandle(descriptor, ownsHandle: true);
        if (FileStatus.Of(model) is { Kind: FileKind.Regular } known)
            File.SetUnixFileMode(file, known.Permissions & ForAll);
        if (LibC.EffectiveUser() == 0 && (FileStatus.Of(model) ?? FileStatus.Of(Path.GetDirectoryName(model)!)) is { } owner)
            _ = LibC.Chown(file, owner.User, owner.Group);
        return new FileStream(file, FileAccess.Write);
    }

    /// <summary>Writes a file whole, in place of what is there: a link itself is replaced, not what it points to.</summary>
    /// <param name="path">Where.</param>
    /// <param name="model">As for <see cref="Create"/>.</param>
    /// <param name="write">Writes the content.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Replace(string path, string model, Action<Stream> write)
    {
        var made = Unfinished(path);
        File.Delete(made);
        using (var file = Create(made, model))
            write(file);
        File.Move(made, path, overwrite: true);
    }

    /// <summary>Removes a file and what an interrupted <see cref="Replace"/> of it has left.</summary>
    public static void Remove(string path)
    {
        File.Delete(path);
        File.Delete(Unfinished(path));
    }

    private static string Unfinished(string path) => path + "-new";

    private static SafeFileHandle? OpenElsewhere(string path)
    {
        if (new FileInfo(path) is { LinkTarget: not null })
            throw NotPlain(path, FileKind.Link);
        return File.Exists(path) ? File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete) : null;
    }

    // As .NET does it: the system's error number says what to do.
    private static Exception Failure(string path, int error) => error == LibC.ErrorNoAccess
        ? new UnauthorizedAccessException($"access to {path} is denied")
        : new IOException($"{path}: {Marshal.GetPInvokeErrorMessage(error)}", error);

    private static UnusableFileException NotPlain(string path, FileKind kind) => new(
        $"{path} is {Name(kind)}, not a file of MigrationHost",
        "Remove it, and find out who made it: MigrationHost makes a regular file there by itself.");

    private static string Name(FileKind kind) => kind switch
    {
        FileKind.Link => "a symbolic link",
        FileKind.Folder => "a folder",
        _ => "a pipe, a socket or a device",
    };
}
