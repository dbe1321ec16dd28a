using MigrationHost.Databases;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Tools;

/// <summary>Takes diagnoses for one tool, one at a time, each on a thread of its own: one that hangs holds up nobody.</summary>
internal sealed class ToolDiagnostician(string name, IMigrationDatabase database, Func<IReadOnlyCollection<int>> processes, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Fresh = TimeSpan.FromMilliseconds(500);

    private readonly Lock _changing = new();
    private ToolDiagnosis? _latest;
    private long _latestAt;
    private bool _underWay;

    /// <summary>The latest diagnosis that was begun after a moment; null where there is none yet. Sees to it that a fresh one comes, and never waits.</summary>
    /// <param name="since">A timestamp of the clock.</param>
    public ToolDiagnosis? Look(long since)
    {
        lock (_changing)
        {
            var useful = _latest is not null && _latestAt >= since;
            if (!_underWay && !(useful && time.GetElapsedTime(_latestAt) <= Fresh))
            {
                _underWay = true;
                new Thread(Take) { IsBackground = true, Name = "migrationhost-diagnosis" }.Start();
            }
            return useful ? _latest : null;
        }
    }

    private void Take()
    {
        var began = time.GetTimestamp();
        ToolDiagnosis diagnosis;
        using var limit = new CancellationTokenSource(Longest, time);
        try
        {
            diagnosis = database.DiagnoseToolAsync(processes(), limit.Token).AsTask().GetAwaiter().GetResult();
        }
        catch (Exception e)
        {
            // Whatever goes wrong here must not harm the tool that it is about.
            Log.DiagnosisFailed(logger, name, e);
            diagnosis = new ToolDiagnosis(LockDiagnosis.Nothing(name, time.GetUtcNow(), $"the diagnosis failed: {e.Message}"));
        }
        lock (_changing)
            (_latest, _latestAt, _underWay) = (diagnosis, began, false);
    }
}
