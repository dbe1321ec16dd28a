using MigrationHost.Databases.Sqlite;

namespace MigrationHost.Tests.Sqlite;

public sealed class DedicatedThreadTests
{
    [Fact]
    public async Task A_run_stays_on_its_thread_and_comes_back_to_it_after_it_has_waited_elsewhere()
    {
        var threads = new List<(string Where, int Thread)>();
        await DedicatedThread.RunAsync(async () =>
        {
            var own = DedicatedThread.OfRun!;
            Note("begins");
            Assert.True(own.RunAsync(() => Note("asked for here")).IsCompletedSuccessfully);
            await Task.Yield();
            Assert.Null(DedicatedThread.OfRun);
            await own.RunAsync(() => Note("asked for elsewhere")).ConfigureAwait(false);
            Note("goes on");
        });

        Assert.Equal(["begins", "asked for here", "asked for elsewhere", "goes on"], threads.Select(noted => noted.Where));
        Assert.Single(threads.Select(noted => noted.Thread).Distinct());

        void Note(string where) => threads.Add((where, Environment.CurrentManagedThreadId));
    }

    [Fact]
    public async Task Its_thread_ends_with_it_however_it_ends()
    {
        Thread? thread = null;
        var run = DedicatedThread.RunAsync(() =>
        {
            thread = Thread.CurrentThread;
            throw new IOException("the work");
        });

        Assert.Equal("the work", (await Assert.ThrowsAsync<IOException>(() => run)).Message);
        Assert.True(thread!.Join(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task What_fails_on_the_thread_itself_fails_for_who_awaits_it()
    {
        await DedicatedThread.RunAsync(async () =>
        {
            var failing = DedicatedThread.OfRun!.RunAsync<int>(() => throw new IOException("the call"));
            Assert.Equal("the call", (await Assert.ThrowsAsync<IOException>(() => failing)).Message);
        });
    }

    [Fact]
    public async Task Outside_of_a_run_there_is_a_thread_for_who_asks_for_one()
    {
        var own = new DedicatedThread();

        Assert.NotEqual(Environment.CurrentManagedThreadId, await own.RunAsync(() => Environment.CurrentManagedThreadId));
        Assert.Null(await own.RunAsync(() => DedicatedThread.OfRun));
        await own.EndAsync();
    }
}
