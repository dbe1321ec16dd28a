using System.Runtime.InteropServices;
using MigrationHost.Platform;

namespace MigrationHost.Output;

/// <summary>Standard output or standard error as this process has inherited it.</summary>
/// <remarks>
/// .NET's own stream says nothing of a reader that is gone (EPIPE). And if a process is started with the stream closed, its number belongs
/// to the first file or pipe that the process opens: nothing of ours may be written there.
/// </remarks>
internal sealed unsafe class StandardStream(int descriptor) : IByteSink
{
    public const int Out = 1;
    public const int Error = 2;

    // A pipe takes so much at once or waits: the progress of a reader shows in steps of it.
    private const int AtOnce = 4096;

    private readonly Stream? _stream = !OperatingSystem.IsWindows() ? null
        : descriptor == Out ? Console.OpenStandardOutput() : Console.OpenStandardError();
    private readonly bool _inherited = OperatingSystem.IsWindows() || IsInherited(descriptor);

    public int Write(ReadOnlySpan<byte> bytes, out WriteFailure? failure)
    {
        bytes = bytes[..Math.Min(bytes.Length, AtOnce)];
        failure = _inherited ? null : new WriteFailure("it is closed", ForGood: true);
        return !_inherited ? 0 : _stream is not null ? Write(_stream, bytes, out failure) : Write(descriptor, bytes, out failure);
    }

    // What this process has opened by itself is closed at exec; what it has inherited was not.
    private static bool IsInherited(int descriptor) =>
        LibC.FileControl(descriptor, LibC.GetDescriptorFlags) is >= 0 and var flags && (flags & LibC.CloseOnExec) == 0;

    private static int Write(int descriptor, ReadOnlySpan<byte> bytes, out WriteFailure? failure)
    {
        failure = null;
        fixed (byte* start = bytes)
        {
            var count = LibC.Write(descriptor, start, (nuint)bytes.Length);
            if (count >= 0)
                return (int)count;
        }
        switch (Marshal.GetLastPInvokeError())
        {
            case LibC.ErrorInterrupted:
                return 0;
            case var error when error == LibC.ErrorTryAgain:
                // Another process that shares the stream has made it non-blocking.
                var poll = new LibC.PollDescriptor { Descriptor = descriptor, Events = LibC.PollOut };
                _ = LibC.Poll(&poll, 1, -1);
                return 0;
            case LibC.ErrorBrokenPipe:
                failure = WriteFailure.ReaderGone;
                return 0;
            case var error:
                failure = new WriteFailure(Marshal.GetPInvokeErrorMessage(error), ForGood: error == LibC.ErrorBadDescriptor);
                return 0;
        }
    }

    private static int Write(Stream stream, ReadOnlySpan<byte> bytes, out WriteFailure? failure)
    {
        try
        {
            stream.Write(bytes);
            stream.Flush();
            failure = null;
            return bytes.Length;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            failure = new WriteFailure(e.Message.TrimEnd('.'), ForGood: false);
            return 0;
        }
    }
}
