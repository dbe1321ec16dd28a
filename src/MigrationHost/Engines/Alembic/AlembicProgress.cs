using MigrationHost.Running;
using MigrationHost.Tools;

namespace MigrationHost.Engines.Alembic;

/// <summary>Turns what Alembic logs into the status while it runs.</summary>
/// <param name="watch">The watch over the run.</param>
/// <param name="plan">What was pending when it started.</param>
/// <param name="commitsEach">Whether each revision is committed before the next begins; else all of them are at the end, and none
/// counts before.</param>
/// <param name="time">The clock.</param>
internal sealed class AlembicProgress(Watch watch, AlembicPlan plan, bool commitsEach, TimeProvider time)
{
    private readonly Dictionary<string, long> _durations = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _messages =
        plan.Pending.ToDictionary(revision => revision.Id, revision => revision.Message, StringComparer.Ordinal);
    private volatile string? _current;
    private SchemaView _view = plan.View;
    private long _began = time.GetTimestamp();

    /// <summary>The revision that it came to last; null if it told of none.</summary>
    public string? Current => _current;

    /// <summary>For how long it has been at that revision; if it reported none, since it started.</summary>
    public TimeSpan AtCurrent => time.GetElapsedTime(_began);

    /// <summary>Takes a line, on the tool's thread.</summary>
    public void Hear(ToolLine line, ToolRun run)
    {
        if (AlembicStep.Parse(line.Text) is not { } step || !_messages.TryGetValue(step.Revision, out var message))
            return;
        Finish();
        _began = time.GetTimestamp();
        _current = step.Revision;
        run.Next(step.Revision, message);
    }

    /// <summary>What is applied in the end, as the database says, with the times that were measured on the way.</summary>
    /// <param name="proven">What was read back.</param>
    public SchemaView Proven(AlembicPlan proven)
    {
        var known = plan.View.Applied.Select(applied => applied.Version).ToHashSet(StringComparer.Ordinal);
        var now = proven.View.Applied.ToDictionary(applied => applied.Version, StringComparer.Ordinal);
        return proven.View with
        {
            Applied = plan.View.Applied.Where(applied => now.ContainsKey(applied.Version))
                .Concat(proven.View.Applied.Where(applied => !known.Contains(applied.Version)).Select(Timed)).ToArray(),
        };
    }

    private void Finish()
    {
        if (_current is not { } done)
            return;
        _durations[done] = (long)AtCurrent.TotalMilliseconds;
        if (!commitsEach)
            return;
        var migration = AlembicRevision.Applied(done, _messages[done]) with { DurationMs = _durations[done] };
        _view = _view with
        {
            Current = done,
            Applied = _view.Applied.Append(migration).ToArray(),
            Pending = _view.Pending.Where(pending => pending.Version != done).ToArray(),
        };
        watch.State.See(_view);
    }

    private AppliedMigration Timed(AppliedMigration applied) =>
        applied with { DurationMs = _durations.TryGetValue(applied.Version, out var duration) ? duration : null };
}
