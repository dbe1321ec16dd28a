using MigrationHost.Databases;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Engines;

/// <summary>Publishes and logs who is in the way, for as long as a run stalls: the log once for every change, the status at every look.</summary>
internal sealed class StallReport(DatabaseState state, Diagnostician diagnostician, ILogger logger)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan OldestWhereItIsDear = TimeSpan.FromSeconds(5);

    /// <summary>Looking again at somebody who is known may take one per cent of the time.</summary>
    private const int RestPerLook = 100;

    private readonly Lock _changing = new();
    private Task<LockDiagnosis>? _look;
    private LockDiagnosis? _published;
    private string? _told;
    private string _what = "";
    private bool _concluded;

    /// <summary>Whether somebody is known to be in the way.</summary>
    public bool KnowsWho
    {
        get
        {
            lock (_changing)
                return _published is { Blockers.Count: > 0 };
        }
    }

    /// <summary>The run stalls. Called at every tick, and never waits.</summary>
    /// <param name="what">What it stalls at.</param>
    /// <param name="limit">After how long it is given up.</param>
    /// <param name="still">Whether it still does: it may have gone on just now, on another thread.</param>
    public void Look(string what, TimeSpan limit, Func<bool> still)
    {
        lock (_changing)
        {
            if (_concluded || !still())
                return;
            _what = what;
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

            _look ??= diagnostician.Begin(LongestAge());
        }
    }

    /// <summary>Publishes the last look before the run ends. Who was in the way stays to be read from then on.</summary>
    /// <param name="last">The look; null where it did not end in time.</param>
    /// <returns>The best that is known: that look, or an earlier one of the same stall where it found nobody.</returns>
    public LockDiagnosis? Conclude(LockDiagnosis? last)
    {
        lock (_changing)
        {
            _concluded = true;
            if (last is not null && (last.Blockers.Count > 0 || _published is not { Blockers.Count: > 0 }))
                PublishLocked(last);
            return _published;
        }
    }

    /// <summary>The run goes on.</summary>
    /// <param name="elapsed">For how long it has stalled.</param>
    public void Over(TimeSpan elapsed)
    {
        lock (_changing)
        {
            if (_concluded || _told is null)
                return;
            Log.WaitOver(logger, state.Name, _what, Duration.Say(elapsed));
            (_told, _look, _published) = (null, null, null);
            state.Unblocked();
        }
    }

    // A look that is older than the stall says nothing of it.
    private TimeSpan LongestAge() => _published switch
    {
        null => TimeSpan.Zero,
        { Blockers.Count: > 0 } when diagnostician.Took * RestPerLook is var rest && rest > Fresh =>
            rest < OldestWhereItIsDear ? rest : OldestWhereItIsDear,
        _ => Fresh,
    };

    private void PublishLocked(LockDiagnosis diagnosis)
    {
        if (diagnosis == _published || diagnosis.Failed && _published is { Failed: false })
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
