using MigrationHost.Platform;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Platform;

/// <summary>The last words of a container.</summary>
public sealed class TerminationLogTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_that_exists_gets_the_last_words_in_place_of_what_it_had()
    {
        var path = _folder.Write("termination-log", "what an earlier container said, which was longer than this");

        TerminationLog.Write(["app failed: Blocked"], path);

        Assert.Equal("app failed: Blocked", File.ReadAllText(path));
    }

    [Fact]
    public void No_file_is_made_and_a_folder_is_none()
    {
        TerminationLog.Write(["words"], _folder["nothing"]);
        TerminationLog.Write(["words"], _folder.Path);

        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void What_is_too_long_is_cut_between_two_characters()
    {
        var path = _folder.Write("termination-log", "");

        TerminationLog.Write([new string('a', 4095) + "äöü"], path);

        Assert.Equal(new string('a', 4095), File.ReadAllText(path));
    }
}
