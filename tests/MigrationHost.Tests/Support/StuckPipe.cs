using System.Runtime.InteropServices;
using System.Text;
using MigrationHost.Platform;
using Microsoft.Win32.SafeHandles;

namespace MigrationHost.Tests.Support;

/// <summary>A small pipe that is full: whoever writes to it waits until the test reads.</summary>
internal sealed unsafe partial class StuckPipe : IDisposable
{
    private const int SetPipeSize = 1031;
    private const int NonBlocking = 0x800;

    private readonly SafeFileHandle _reader;
    private readonly SafeFileHandle _writer;
    private readonly int _filled;

    public StuckPipe()
    {
        var ends = stackalloc int[2];
        Assert.Equal(0, LibC.Pipe2(ends, LibC.OpenCloseOnExec | NonBlocking));
        (_reader, _writer) = (new SafeFileHandle(ends[0], ownsHandle: true), new SafeFileHandle(ends[1], ownsHandle: true));
        Assert.Equal(4096, FileControl(ends[1], SetPipeSize, 4096));
        var byteOf = (byte)'-';
        while (LibC.Write(ends[1], &byteOf, 1) == 1)
            _filled++;
    }

    /// <summary>What another process opens to write into it.</summary>
    public string Path => $"/proc/{Environment.ProcessId}/fd/{_writer.DangerousGetHandle()}";

    /// <summary>Reads all that is written, until every writer is gone. What filled the pipe is left out.</summary>
    public Task<string> ReadAsync()
    {
        _writer.Dispose();
        return Task.Run(ReadToEnd);
    }

    /// <summary>The reader goes away.</summary>
    public void CloseReader() => _reader.Dispose();

    public void Dispose()
    {
        _reader.Dispose();
        _writer.Dispose();
    }

    private string ReadToEnd()
    {
        var bytes = new List<byte>();
        var buffer = stackalloc byte[4096];
        nint count;
        while ((count = LibC.Read((int)_reader.DangerousGetHandle(), buffer, 4096)) != 0)
        {
            if (count > 0)
                bytes.AddRange(new ReadOnlySpan<byte>(buffer, (int)count));
            else
                Thread.Yield();
        }
        return Encoding.UTF8.GetString([.. bytes.Skip(_filled)]);
    }

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int FileControl(int descriptor, int command, int argument);
}
