using MigrationHost.Platform;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Platform;

/// <summary>An exception that leaves a thread ends the process: none leaves ours.</summary>
public sealed class ThreadTests
{
    [Fact]
    public void Threads_are_started_in_one_place()
    {
        var files = Directory.EnumerateFiles(Path.Combine(MigrationHostProgram.Repository, "src"), "*.cs", SearchOption.AllDirectories);
        var starts = files.Where(file => File.ReadAllText(file).Contains("new Thread(", StringComparison.Ordinal));

        Assert.Equal(["BackgroundThread.cs"], starts.Select(file => Path.GetFileName(file)));
    }

    [Fact]
    public void Neither_the_work_nor_who_is_told_of_its_failure_ends_the_process()
    {
        var told = "";
        BackgroundThread.Start("test", () => throw new IOException("the work"), e =>
        {
            told = e.Message;
            throw new IOException("the log");
        }).Join();

        Assert.Equal("the work", told);
    }
}
