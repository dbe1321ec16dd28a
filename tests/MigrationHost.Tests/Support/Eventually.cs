namespace MigrationHost.Tests.Support;

/// <summary>Waits for a condition; the limit is there for a test that would otherwise never end.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    public static Task BecomesTrueAsync(Func<bool> condition, Func<string>? describe = null) =>
        BecomesTrueAsync(() => Task.FromResult(condition()), describe);

    public static async Task BecomesTrueAsync(Func<Task<bool>> condition, Func<string>? describe = null)
    {
        using var end = new CancellationTokenSource(Limit);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        try
        {
            while (!await condition())
                await tick.WaitForNextTickAsync(end.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"not within {Limit}: {describe?.Invoke()}");
        }
    }

    public static async Task<T> GivesAsync<T>(Func<Task<T?>> ask, Func<T, bool> condition, Func<string>? describe = null) where T : class
    {
        T? last = null;
        await BecomesTrueAsync(async () => (last = await ask()) is not null && condition(last), () => $"{describe?.Invoke()} last: {last}");
        return last!;
    }
}
