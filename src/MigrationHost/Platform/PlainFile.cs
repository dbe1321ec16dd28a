using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MigrationHost.Platform;

/// <summary>Files of a fixed name in a folder that others may write to: never reached through a link, and never a pipe or a device, whoever
/// put it there.</summary>
internal static class PlainFile
{
    /// <summary>Opens a file for reading; null if there is none.</summary>
    /// <exception cref="UnusableFileException">It is not a regular file, or belongs to somebody who does not let us read it.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static SafeFileHandle? Open(string path)
    {
        if (!OperatingSystem.IsLinux())
            return OpenElsewhere(path);
        // Looked at first: opening a device can have an effect of its own.
        if (FileStatus.Of(path, followLinks: false) is { Kind: not FileKind.Regular and var kind })
            throw NotPlain(path, kind);
        var descriptor = LibC.Open(path, LibC.OpenNoFollow | LibC.OpenNonBlocking | LibC.OpenCloseOnExec);
        if (descriptor < 0)
        {
            return Marshal.GetLastPInvokeError() switch
            {
                LibC.ErrorNotThere => null,
                LibC.ErrorTooManyLinks => throw NotPlain(path, FileKind.Link),
                LibC.ErrorNoAccess => throw new UnauthorizedAccessException($"{path} belongs to {FileOwner.Of(path)}"),
                var error => throw new IOException($"{path} cannot be opened: {Marshal.GetPInvokeErrorMessage(error)}"),
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
        var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        if (!OperatingSystem.IsLinux())
            return file;
        if (FileStatus.Of(model) is { Kind: FileKind.Regular } known)
            File.SetUnixFileMode(file.SafeFileHandle, known.Permissions & (UnixFileMode)0x1B6);
        if (LibC.EffectiveUser() == 0 && (FileStatus.Of(model) ?? FileStatus.Of(Path.GetDirectoryName(model)!)) is { } owner)
            _ = LibC.Chown(file.SafeFileHandle, owner.User, owner.Group);
        return file;
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
