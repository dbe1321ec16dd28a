using MigrationHost.Databases;
using MigrationHost.Running;
using MigrationHost.Scripts;

namespace MigrationHost.Engines;

/// <summary>Looks for everything that is wrong with the migrations: in the files, and between them and the database. A start ends with what
/// it finds first; here all of it is told at once.</summary>
internal sealed class Validation(PlanReader reader, Watch watch)
{
    private readonly List<(string Line, MigrationProblem Problem, IReadOnlyList<string> Remedies)> _found = [];

    /// <exception cref="MigrationException">Something is wrong.</exception>
    public async Task RunAsync()
    {
        var set = reader.ReadSource(watch);
        watch.State.SeeFiles(set.Latest);
        Add(set.Problems);
        try
        {
            watch.State.Enter(MigrationPhase.Connecting);
            await using var session = await reader.Access.OpenAsync(watch, SessionPurpose.Inspect).ConfigureAwait(false);
            await LookAsync(session, set).ConfigureAwait(false);
        }
        catch (MigrationException unusable) when (unusable.Error.Code == MigrationErrorCode.HistoryMismatch || _found.Count > 0)
        {
            // What is wrong with the files is known without the database.
            Add(unusable.Error);
        }
        if (_found.Count > 0)
            throw new MigrationException(Error(set.Problems.Any(problem => problem.Unreadable)));
    }

    private async Task LookAsync(IDatabaseSession session, MigrationSet set)
    {
        set = await reader.DecideAsync(watch, session, set, Again).ConfigureAwait(false);
        Add(reader.WhyEmpty(set).Where(_ => set.Problems.Count == 0));
        var plan = await reader.PlanAsync(watch, session, Readable(set)).ConfigureAwait(false);
        reader.Warn(watch, plan);
        Add(plan.Problems.Concat(plan.HalfUndone));
        foreach (var refusal in ScriptReviews.Refusals(watch, session, set.ToRun(plan.Pending)))
            Add(refusal);
        if (plan is { Begins: true, Pending.Count: > 0 })
            await reader.FirstStart.RefuseAsync(watch, session, set.Migrations).ConfigureAwait(false);
    }

    // The folder is another tool's, whose rules the files may well keep.
    private MigrationSet Again()
    {
        var set = reader.ReadSource(watch);
        _found.Clear();
        Add(set.Problems);
        return set;
    }

    // The file of a migration that seems to be missing may be one that could not be read.
    private static MigrationSet Readable(MigrationSet set) => set.Problems.Count == 0 ? set : set with
    {
        Migrations = [.. set.Migrations.DistinctBy(migration => migration.Version)],
        MayLack = true,
    };

    private void Add(IEnumerable<ScriptProblem> problems) =>
        _found.AddRange(problems.Select(problem => (problem.ToString(), problem.ToStatus(), problem.Remedies)));

    private void Add(MigrationError error) => _found.Add((
        error.Message,
        new MigrationProblem(error.File, error.Line, error.Message),
        error.Hint is { } hint ? [hint] : []));

    private MigrationError Error(bool unreadable) => new()
    {
        Code = unreadable ? MigrationErrorCode.InvalidConfiguration : MigrationErrorCode.HistoryMismatch,
        Message = ProblemList.Text([.. _found.Select(found => found.Line)]),
        Problems = _found.Count == 1 ? [] : [.. _found.Select(found => found.Problem)],
        File = _found[0].Problem.File,
        Line = _found[0].Problem.Line,
        Hint = ScriptProblem.Hint("Nothing was changed.", _found.SelectMany(found => found.Remedies)),
    };
}
