using MigrationHost.Databases;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Engines;

/// <summary>Publishes and logs who is in the way, for as long as a run stalls: the log once for every change, the status at every look.</summary>
internal sealed class StallReport(DatabaseState state, Diagnostician diagnostician, ILogger logger)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private readonly Lock _changing = new();
    private Task<LockDiagnosis>? _look;
    private LockDiagnosis? _published;
    private string? _told;

    /// <summary>The run stalls. Called at every tick, and never waits.</summary>
    /// <param name="what">What it stalls at.</param>
    /// <param name="limit">After how long it is given up.</param>
    /// <param name="still">Whether it still does: it may have gone on just now, on another thread.</param>
    public void Look(string what, TimeSpan limit, Func<bool> still)
    {
        lock (_changing)
        {
            if (!still())
                return;
            if (_told is null)
            {
                _told = "";
                Log.Waiting(logger, state.Name, what, Duration.Say(limit));
            }
            if (_look is { IsCompletedSuccessfully: true })
            {
                PublishLocked(_look.Result);
                _look = null;
            }
            _look ??= diagnostician.Begin(Fresh);
        }
    }

    public void Publish(LockDiagnosis diagnosis)
    {
        lock (_changing)
            PublishLocked(diagnosis);
    }

    /// <summary>The run goes on.</summary>
    public void Over(string what, TimeSpan elapsed)
    {
        lock (_changing)
        {
            if (_told is null)
                return;
            Log.WaitOver(logger, state.Name, what, Duration.Say(elapsed));
            (_told, _look, _published) = (null, null, null);
            state.Unblocked();
        }
    }

    private void PublishLocked(LockDiagnosis diagnosis)
    {
        if (diagnosis == _published)
            return;
        _published = diagnosis;
        state.Diagnosed(diagnosis.Blockers, diagnosis.Report.DiagnosedAt);

        var who = string.Join(", ", diagnosis.Blockers.Select(blocker => $"{BlockerText.Who(blocker)} {blocker.Holds}"));
        var tell = diagnosis.Blockers.Count > 0 ? who : diagnosis.Report.Note ?? "";
        if (tell == _told)
            return;
        _told = tell;
        if (diagnosis.Blockers.Count > 0)
            Log.Blocked(logger, state.Name, BlockerText.Describe(diagnosis.Blockers), diagnosis.Blockers[0].Hint ?? "");
        else if (tell.Length > 0)
            Log.BlockedByNobodySeen(logger, state.Name, tell);
    }
}
