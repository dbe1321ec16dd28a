using MigrationHost.Running;

namespace MigrationHost.Tests.Running;

/// <summary>What a start has spent its time on.</summary>
public sealed class TimelineTests
{
    private readonly Timeline _timeline = new();

    [Fact]
    public void The_same_again_is_one_stretch_and_the_last_one_is_open_until_the_end()
    {
        _timeline.Turn(waits: false, null, "connecting", At(0));
        _timeline.Turn(waits: true, "1", "a lock", At(2));
        _timeline.Turn(waits: true, "1", "a lock, again", At(3));
        _timeline.Turn(waits: false, "1", "work", At(5));
        Assert.Equal(["0-2 works", "2-5 waits 1", "5- works 1"], _timeline.Stretches.Select(Say));

        _timeline.End(At(6));
        _timeline.End(At(9));
        Assert.Equal("5-6 works 1", Say(_timeline.Stretches[^1]));
    }

    [Fact]
    public void A_wait_that_is_seen_late_takes_the_place_of_the_work_that_it_was()
    {
        _timeline.Turn(waits: false, "1", "work", At(4));
        _timeline.Turn(waits: true, "1", "a lock", At(4));
        Assert.Equal(["4- waits 1"], _timeline.Stretches.Select(Say));
    }

    [Fact]
    public void Only_the_latest_are_kept()
    {
        for (var i = 0; i < 1000; i++)
            _timeline.Turn(waits: i % 2 == 0, "1", "", At(i));
        for (var i = 0; i < 20; i++)
            _timeline.Fail(new MigrationError { Code = MigrationErrorCode.Blocked, Message = $"{i}" }, At(i));
        Assert.Equal(("999- works 1", 400), (Say(_timeline.Stretches[^1]), _timeline.Stretches.Count));
        Assert.Equal(["15", "16", "17", "18", "19"], _timeline.Failures.Select(failure => failure.Error.Message));
    }

    private static DateTimeOffset At(int second) => DateTimeOffset.UnixEpoch.AddSeconds(second);

    private static string Say(TimelineStretch stretch) =>
        $"{stretch.From.ToUnixTimeSeconds()}-{stretch.To?.ToUnixTimeSeconds()} {(stretch.Waits ? "waits" : "works")} {stretch.Version}".TrimEnd();
}
