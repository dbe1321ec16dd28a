using MigrationHost.Platform;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Platform;

public sealed class ReadableFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4096)]
    [InlineData(3_000_001)]
    public void A_file_is_read_to_its_end_through_a_link_too(int length)
    {
        var content = new byte[length];
        new Random(length).NextBytes(content);
        File.WriteAllBytes(_folder["file"], content);
        File.CreateSymbolicLink(_folder["link"], "file");

        Assert.Equal(content, ReadableFile.TryRead(_folder["file"])!.Value.ToArray());
        Assert.Equal(content, ReadableFile.TryRead(_folder["link"])!.Value.ToArray());
    }

    [Fact]
    public void One_that_does_not_say_how_long_it_is_is_read_as_well()
    {
        var maps = ReadableFile.TryRead("/proc/self/maps")!.Value;

        Assert.True(maps.Length > 4096);
        Assert.Equal(File.ReadAllBytes("/proc/version"), ReadableFile.TryRead("/proc/version")!.Value.ToArray());
    }

    [Fact]
    public async Task A_pipe_a_folder_and_what_is_not_there_are_no_files_to_read()
    {
        await _folder.MakePipeAsync("pipe");
        File.CreateSymbolicLink(_folder["nowhere"], "missing");

        foreach (var path in new[] { _folder["pipe"], _folder.Path, _folder["missing"], _folder["nowhere"], "/dev/null" })
            Assert.Null(ReadableFile.TryRead(path));
    }
}
