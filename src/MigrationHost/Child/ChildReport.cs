using MigrationHost.Output;
using MigrationHost.Running;

namespace MigrationHost.Child;

/// <summary>Tells the host how far the child is: at every change, and a few times a second.</summary>
internal sealed class ChildReport : IDisposable
{
    private static readonly TimeSpan TellEvery = TimeSpan.FromMilliseconds(250);

    private readonly Lock _telling = new();
    private readonly DatabaseState _state;
    private readonly Announcement _changed;
    private readonly ITimer _timer;
    private DatabaseStatus _before;
    private bool _over;

    public ChildReport(DatabaseState state, TimeProvider time)
    {
        _state = state;
        _before = state.Read();
        _changed = new Announcement(Changed);
        _state.Changed += _changed.Make;
        _timer = time.CreateTimer(_ => TellProgress(), null, TimeSpan.Zero, TellEvery);
    }

    /// <summary>The run is over: says how it ended, last of all.</summary>
    public void Conclude()
    {
        Changed();
        lock (_telling)
        {
            _over = true;
            var status = _state.Read();
            StandardOutput.Out.Answer(Line(new ChildMessage { Summary = status, AppliedBefore = status.AppliedBefore }));
        }
    }

    public void Dispose()
    {
        _state.Changed -= _changed.Make;
        _timer.Dispose();
    }

    private void Changed()
    {
        lock (_telling)
        {
            if (_over)
                return;
            var (status, before) = (_state.Read(), _before);
            _before = status;
            foreach (var applied in status.AppliedSince(before))
                StandardOutput.Out.Answer(Line(new ChildMessage { Applied = applied }));
            if (status.Phase != before.Phase)
                StandardOutput.Out.Progress("status", Line(new ChildMessage { Status = status, AppliedBefore = status.AppliedBefore }));
        }
    }

    private void TellProgress()
    {
        lock (_telling)
        {
            if (_over)
                return;
            var status = _state.Read() with { Applied = [], Pending = [], Unknown = [], Changed = [] };
            StandardOutput.Out.Progress("progress", Line(new ChildMessage { Progress = status }));
        }
    }

    private static string Line(ChildMessage message) => $"{ChildJson.Write(message)}\n";
}
