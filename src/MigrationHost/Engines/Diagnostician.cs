using MigrationHost.Databases;
using MigrationHost.Masking;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Engines;

/// <summary>Takes diagnoses of one database, one at a time, each on a thread of its own: one that hangs costs nobody else anything, and all who ask share it.</summary>
internal sealed class Diagnostician(string name, IMigrationDatabase database, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    private readonly Lock _changing = new();
    private Task<LockDiagnosis>? _underWay;
    private LockDiagnosis? _latest;
    private long _latestAt;
    private TimeSpan _took;

    /// <summary>How long the latest one took.</summary>
    public TimeSpan Took
    {
        get
        {
            lock (_changing)
                return _took;
        }
    }

    /// <summary>What is masked in what a diagnosis quotes of others.</summary>
    public Secrets Secrets { get; init; } = Secrets.None;

    /// <summary>A diagnosis no older than this. Never throws: what could not be found out is not <see cref="LockReport.Complete"/>.</summary>
    /// <param name="maxAge">How old it may be.</param>
    /// <param name="within">How long it may take; a second where it is left out.</param>
    public async Task<LockDiagnosis> TakeAsync(TimeSpan maxAge, TimeSpan? within = null)
    {
        var diagnosis = Begin(maxAge, within);
        var finished = await Task.WhenAny(diagnosis, Task.Delay(within ?? Longest, time)).ConfigureAwait(false);
        return finished == diagnosis ? await diagnosis.ConfigureAwait(false) : Nothing($"the diagnosis did not finish within {Duration.Say(within ?? Longest)}");
    }

    /// <summary>As <see cref="TakeAsync"/>, for those who look again later instead of waiting.</summary>
    public Task<LockDiagnosis> Begin(TimeSpan maxAge, TimeSpan? within = null)
    {
        lock (_changing)
        {
            if (_latest is not null && time.GetElapsedTime(_latestAt) <= maxAge)
                return Task.FromResult(_latest);
            if (_underWay is not null)
                return _underWay;
            var done = new TaskCompletionSource<LockDiagnosis>(TaskCreationOptions.RunContinuationsAsynchronously);
            _underWay = done.Task;
            new Thread(() => done.SetResult(Take(within ?? Longest))) { IsBackground = true, Name = "migrationhost-diagnosis" }.Start();
            return done.Task;
        }
    }

    private LockDiagnosis Take(TimeSpan within)
    {
        LockDiagnosis diagnosis;
        var began = time.GetTimestamp();
        using var limit = new CancellationTokenSource(within, time);
        try
        {
            diagnosis = Secrets.In(database.DiagnoseAsync(limit.Token).AsTask().GetAwaiter().GetResult());
        }
        catch (Exception e)
        {
            // Whatever goes wrong here must not harm the migration it is about.
            Log.DiagnosisFailed(logger, name, e);
            diagnosis = Nothing($"the diagnosis failed: {Secrets.In(e.Message)}");
        }
        lock (_changing)
        {
            (_latest, _latestAt, _underWay) = (diagnosis, time.GetTimestamp(), null);
            _took = time.GetElapsedTime(began, _latestAt);
        }
        return diagnosis;
    }

    private LockDiagnosis Nothing(string why) => LockDiagnosis.Nothing(name, time.GetUtcNow(), why);
}
