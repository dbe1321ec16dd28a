using System.Runtime.InteropServices;

namespace MigrationHost.Platform;

/// <summary>Reads files that others have made, as a whole.</summary>
/// <remarks>
/// .NET's own way takes an advisory lock and gives it back, asks three times how long the file is, and opens a pipe only once somebody
/// writes to it. A start reads a thousand files.
/// </remarks>
internal static unsafe class ReadableFile
{
    /// <summary>In bytes: one that grows meanwhile has room in an array.</summary>
    private static readonly int Largest = Array.MaxLength / 2;

    /// <summary>Reads a regular file, links followed.</summary>
    /// <returns>Its content, with room for a byte behind it; null if it is no such file, or cannot be opened or read at once.</returns>
    public static ReadOnlyMemory<byte>? TryRead(string path)
    {
        if (!OperatingSystem.IsLinux())
            return null;
        var descriptor = LibC.Open(path, LibC.OpenNonBlocking | LibC.OpenCloseOnExec, 0);
        if (descriptor < 0)
            return null;
        try
        {
            return FileStatus.Of(descriptor) is { Kind: FileKind.Regular } file && file.Length < Largest
                ? TryRead(descriptor, (int)file.Length)
                : null;
        }
        finally
        {
            _ = LibC.Close(descriptor);
        }
    }

    private static ReadOnlyMemory<byte>? TryRead(int descriptor, int expected)
    {
        var (content, length) = (new byte[expected + 1], 0);
        while (true)
        {
            var read = Read(descriptor, content.AsSpan(length));
            if (read < 0)
                return null;
            length += read;
            if (read == 0 || length == expected)
                return content.AsMemory(0, length);
            if (length > Largest)
                return null;
            if (length == content.Length)
                Array.Resize(ref content, 2 * length);
        }
    }

    private static int Read(int descriptor, Span<byte> into)
    {
        fixed (byte* start = into)
        {
            nint read;
            do
                read = LibC.Read(descriptor, start, (nuint)into.Length);
            while (read < 0 && Marshal.GetLastPInvokeError() == LibC.ErrorInterrupted);
            return (int)read;
        }
    }
}
