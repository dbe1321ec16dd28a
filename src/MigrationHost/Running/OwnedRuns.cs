namespace MigrationHost.Running;

/// <summary>The runs of a command with what goes with them, whoever has made that.</summary>
/// <param name="make">Checks the settings and makes the runs.</param>
/// <param name="contentRoot">What relative paths count from.</param>
/// <param name="outbox">Where the last words leave.</param>
/// <param name="release">Lets go of everything.</param>
internal sealed class OwnedRuns(Func<MigrationRuns> make, string contentRoot, Outbox outbox, Func<ValueTask> release) : IAsyncDisposable
{
    /// <summary>How long letting go may take.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    public string ContentRoot => contentRoot;

    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">Settings are wrong.</exception>
    public MigrationRuns Make() => make();

    /// <summary>Waits until the log has what was said, but not for ever.</summary>
    public Task SayLastWordsAsync() => outbox.DrainAsync(Outbox.LastWords);

    public ValueTask DisposeAsync() => ReleaseAsync(outbox, release);

    /// <summary>Lets go once the last words are said, and waits for neither for ever.</summary>
    public static async ValueTask ReleaseAsync(Outbox outbox, Func<ValueTask> release)
    {
        await outbox.DrainAsync(Outbox.LastWords).ConfigureAwait(false);
        var released = Task.Run(async () => await release().ConfigureAwait(false));
        var limit = Task.Delay(Longest, TimeProvider.System, CancellationToken.None);
        if (await Task.WhenAny(released, limit).ConfigureAwait(false) == released)
            await released.ConfigureAwait(false);
    }
}
