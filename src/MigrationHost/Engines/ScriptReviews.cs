using MigrationHost.Databases;
using MigrationHost.Running;
using MigrationHost.Scripts;

namespace MigrationHost.Engines;

/// <summary>What was found in the texts of all pending scripts, before the first of them runs.</summary>
internal sealed class ScriptReviews
{
    /// <summary>How much text is kept in memory until it runs, in bytes, beside the first one's.</summary>
    private const int MostKept = 4 * 1024 * 1024;

    private readonly Dictionary<string, IReadOnlyList<string>> _notes = [];
    private readonly HashSet<string> _leavesOut = [];
    private readonly HashSet<string> _empty = [];

    private readonly Dictionary<string, ScriptText> _texts = [];
    private long _kept;

    private ScriptReviews()
    {
    }

    /// <exception cref="MigrationException">There are refusals: all of them are in its message.</exception>
    public static ScriptReviews Of(Watch watch, IDatabaseSession session, IReadOnlyList<Migration> pending)
    {
        var reviews = new ScriptReviews();
        var refusals = reviews.Read(watch, session, pending);
        return refusals.Count == 0 ? reviews : throw new MigrationException(Together(refusals));
    }

    /// <summary>What forbids to run scripts, each with its line.</summary>
    public static IReadOnlyList<MigrationError> Refusals(Watch watch, IDatabaseSession session, IReadOnlyList<Migration> pending) =>
        new ScriptReviews().Read(watch, session, pending);

    /// <summary>Whether a plain BEGIN and COMMIT around a script are left out.</summary>
    public bool LeavesOut(Migration script) => _leavesOut.Contains(script.Version);

    /// <summary>Whether there is nothing in a script that would run.</summary>
    public bool IsEmpty(Migration script) => _empty.Contains(script.Version);

    /// <summary>The text of one of them that is in memory still; null for any other, and once it was taken.</summary>
    public ScriptText? TakeText(Migration script) => _texts.Remove(script.Version, out var text) ? text : null;

    public IReadOnlyList<string> NotesOn(Migration script) => _notes.GetValueOrDefault(script.Version, []);

    private List<MigrationError> Read(Watch watch, IDatabaseSession session, IReadOnlyList<Migration> pending)
    {
        var refusals = new List<MigrationError>();
        foreach (var script in pending)
        {
            var text = watch.Read(script);
            Keep(script, text);
            var review = session.Review(script, text);
            refusals.AddRange(review.Refusals);
            if (review.Notes.Count > 0)
                _notes[script.Version] = review.Notes;
            if (review.LeavesOut)
                _leavesOut.Add(script.Version);
            if (review.IsEmpty)
                _empty.Add(script.Version);
        }
        return refusals;
    }

    // Small scripts, and the first one, need not be read a second time.
    private void Keep(Migration script, ScriptText text)
    {
        if (_texts.Count == 0 || _kept + text.Utf8.Length <= MostKept)
        {
            _texts.Add(script.Version, text);
            _kept += text.Utf8.Length;
        }
    }

    private static MigrationError Together(List<MigrationError> refusals) => refusals is [var only] ? NothingRan(only) : refusals[0] with
    {
        Message = ProblemList.Text([.. refusals.Select(refusal => refusal.Message)]),
        Statement = null,
        Problems = [.. refusals.Select(refusal => new MigrationProblem(refusal.File, refusal.Line, refusal.Message))],
        Hint = $"Nothing was applied in this start. {string.Join(' ', refusals.Select(refusal => refusal.Hint).Distinct())}",
    };

    private static MigrationError NothingRan(MigrationError refusal) =>
        refusal with { Hint = $"Nothing was applied in this start. {refusal.Hint}" };
}
