using MigrationHost.Platform;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Platform;

public sealed class FilesInHandTests
{
    private readonly ManualTime _time = new();
    private readonly FilesInHand _files;

    public FilesInHandTests() => _files = new FilesInHand(_time);

    [Fact]
    public void The_one_that_has_not_answered_for_longest_is_named()
    {
        var first = _files.Take("first");
        _time.Advance(TimeSpan.FromSeconds(1));
        _files.Take("second");
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal("first", _files.HeldFor(TimeSpan.FromSeconds(2)));
        Assert.Null(_files.HeldFor(TimeSpan.FromSeconds(3)));
        _files.Release(first);
        Assert.Equal("second", _files.HeldFor(TimeSpan.FromSeconds(1)));
        Assert.Equal(1, _files.Done);
    }

    [Fact]
    public void More_than_are_known_at_a_time_are_read_and_counted_all_the_same()
    {
        var held = Enumerable.Range(0, 200).Select(i =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
            return _files.Take($"file {i}");
        }).ToList();

        Assert.Equal("file 0", _files.HeldFor(TimeSpan.Zero));
        held.ForEach(_files.Release);
        Assert.Equal(200, _files.Done);
        Assert.Null(_files.HeldFor(TimeSpan.Zero));
    }

    [Fact]
    public void Threads_that_read_at_once_do_not_lose_each_others_files()
    {
        Parallel.For(0, 20_000, i => Assert.Equal(i, _files.Read($"{i}", () => _files.HeldFor(TimeSpan.Zero) is null ? -1 : i)));

        Assert.Equal(20_000, _files.Done);
        Assert.Null(_files.HeldFor(TimeSpan.Zero));
    }
}
