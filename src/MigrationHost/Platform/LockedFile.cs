using System.Runtime.InteropServices;

namespace MigrationHost.Platform;

/// <summary>A file that is locked for one process alone and removed when that lets go. The lock ends with its process.</summary>
/// <remarks>
/// On Linux it is flock(2), which .NET uses too: a <see cref="FileStream"/> with <see cref="FileShare.None"/> and it exclude each other. A
/// read-only descriptor is enough for it, so the file of another user is not an obstacle as long as it may be read.
/// </remarks>
internal sealed class LockedFile : IDisposable
{
    private const int MostRaces = 100;

    private readonly IDisposable _file;
    private readonly string? _path;

    private LockedFile(IDisposable file, string? path) => (_file, _path) = (file, path);

    /// <summary>Locks the file, and makes it if it does not exist; null if another process has the lock.</summary>
    /// <param name="path">The file.</param>
    /// <param name="model">Whose permissions and owner it gets if it is made: see <see cref="PlainFile.Create"/>.</param>
    /// <exception cref="UnusableFileException">Something else is at that path.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder does not take a new file, or the file may not be read.</exception>
    /// <exception cref="IOException">The file cannot be made.</exception>
    public static LockedFile? TryTake(string path, string model)
    {
        if (!OperatingSystem.IsLinux())
            return TryTakeElsewhere(path);
        for (var races = 0; races < MostRaces; races++)
        {
            if (PlainFile.Open(path) is not { } file)
            {
                Make(path, model);
                continue;
            }
            if (LibC.Flock(file, LibC.LockExclusive | LibC.LockNonBlocking) != 0)
            {
                var error = Marshal.GetLastPInvokeError();
                file.Dispose();
                return error is LibC.ErrorWouldBlock or LibC.ErrorInterrupted
                    ? null
                    : throw new IOException($"{path} cannot be locked: {Marshal.GetPInvokeErrorMessage(error)}");
            }

            // Its holder removes it while it has the lock: then this is the lock of a file that nobody finds any more.
            if (FileStatus.Of(path, followLinks: false)?.Identity == FileStatus.Of(file)?.Identity)
                return new LockedFile(file, path);
            file.Dispose();
        }
        return null;
    }

    public void Dispose()
    {
        try
        {
            if (_path is not null)
                File.Delete(_path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // In a folder with the sticky bit only its owner may remove it. The lock is what counts.
        }
        _file.Dispose();
    }

    private static void Make(string path, string model)
    {
        try
        {
            PlainFile.Create(path, model).Dispose();
        }
        catch (IOException e) when (e.HResult == LibC.ErrorExists)
        {
            // Another process was faster.
        }
    }

    private static LockedFile? TryTakeElsewhere(string path)
    {
        PlainFile.Open(path)?.Dispose();
        try
        {
            return new LockedFile(
                new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose), null);
        }
        catch (IOException e) when (e.HResult is 35 or unchecked((int)0x80070020))
        {
            // EWOULDBLOCK of macOS, ERROR_SHARING_VIOLATION of Windows.
            return null;
        }
    }
}
