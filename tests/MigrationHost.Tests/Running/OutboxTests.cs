using System.Collections.Concurrent;
using MigrationHost.Running;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Running;

/// <summary>Whoever listens may block or fail: what speaks goes on, and the latest arrives once it can.</summary>
public sealed class OutboxTests : IDisposable
{
    private readonly ConcurrentQueue<string> _heard = new();
    private readonly ManualResetEventSlim _blocked = new();
    private readonly Outbox _outbox;

    public OutboxTests() => _outbox = new Outbox(dropped => _heard.Enqueue($"{dropped} dropped"));

    public void Dispose()
    {
        _blocked.Set();
        _outbox.Dispose();
        _blocked.Dispose();
    }

    [Fact]
    public async Task What_is_posted_arrives_in_its_order()
    {
        for (var i = 0; i < 100; i++)
            Say($"{i}");

        Assert.True(await _outbox.DrainAsync(TimeSpan.FromMinutes(1)));
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{i}"), _heard);
    }

    [Fact]
    public async Task A_listener_that_blocks_holds_nobody_up_and_what_is_dropped_is_counted()
    {
        using var delivering = new ManualResetEventSlim();
        _outbox.Post(() => { delivering.Set(); _blocked.Wait(); }, mayBeDropped: true);
        delivering.Wait();
        Say("the failure", mayBeDropped: false);
        for (var i = 0; i < Outbox.Most + 10; i++)
            Say($"{i}");
        Assert.False(await _outbox.DrainAsync(TimeSpan.FromMilliseconds(10)));

        _blocked.Set();
        Assert.True(await _outbox.DrainAsync(TimeSpan.FromMinutes(1)));
        Assert.Equal(["11 dropped", "the failure"], _heard.Take(2));
        Assert.Equal(Outbox.Most + 1, _heard.Count);
        Assert.Equal($"{Outbox.Most + 9}", _heard.Last());
    }

    [Fact]
    public async Task A_listener_that_fails_keeps_nobody_from_the_rest()
    {
        _outbox.Post(() => throw new InvalidOperationException("no"), mayBeDropped: true);
        Say("the rest");

        Assert.True(await _outbox.DrainAsync(TimeSpan.FromMinutes(1)));
        Assert.Equal(["the rest"], _heard);
    }

    [Fact]
    public async Task The_latest_change_is_always_told_and_never_by_whoever_makes_it()
    {
        var (state, seen, threads) = (0, 0, new ConcurrentBag<bool>());
        using var first = new ManualResetEventSlim();
        var maker = Environment.CurrentManagedThreadId;
        var announcement = new Announcement(() =>
        {
            threads.Add(Environment.CurrentManagedThreadId == maker && !first.IsSet);
            first.Set();
            _blocked.Wait();
            seen = Volatile.Read(ref state);
            throw new InvalidOperationException("no");
        });
        announcement.Make();
        first.Wait();
        for (var i = 1; i <= 1000; i++)
        {
            Volatile.Write(ref state, i);
            announcement.Make();
        }
        _blocked.Set();

        await Eventually.BecomesTrueAsync(() => Volatile.Read(ref seen) == 1000);
        Assert.InRange(threads.Count, 2, 1001);
        Assert.DoesNotContain(true, threads);
    }

    private void Say(string what, bool mayBeDropped = true) => _outbox.Post(() => _heard.Enqueue(what), mayBeDropped);
}
