using MigrationHost.Databases;
using MigrationHost.Running;
using MigrationHost.Scripts;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Engines;

/// <summary>Undoes migrations, the last one first, each with the part that its folder has for that.</summary>
internal sealed class Undoing(
    IMigrationDatabase database, PlanReader reader, Watch watch, MigrationSet set, TimeProvider time, ILogger logger)
{
    /// <param name="session">The open database.</param>
    /// <param name="to">The version above which everything is undone, or <see cref="BeforeAll"/>; null for the last one only.</param>
    /// <param name="dryRun">Whether only to look.</param>
    /// <param name="undone">Is told of each that is undone.</param>
    /// <returns>The scripts that undo, in the order in which they run.</returns>
    /// <exception cref="MigrationException">One cannot be undone: nothing was touched. Or one failed.</exception>
    public async Task<IReadOnlyList<Migration>> RunAsync(IDatabaseSession session, string? to, bool dryRun, Action<Migration> undone)
    {
        var target = await ReadAsync(session, to).ConfigureAwait(false);
        var scripts = await ScriptsAsync(session, target).ConfigureAwait(false);
        if (dryRun || scripts.Count == 0)
            return scripts;
        watch.State.Enter(MigrationPhase.WaitingForTurn);
        await using var turn = await reader.Access.TakeTurnAsync(watch, session).ConfigureAwait(false);
        var now = await ScriptsAsync(session, target).ConfigureAwait(false);
        if (!now.Select(script => script.Version).SequenceEqual(scripts.Select(script => script.Version)))
            throw Refused("another instance has changed the history meanwhile", "Look at 'migrationhost status' first.");
        watch.State.Enter(MigrationPhase.Migrating);
        foreach (var script in now)
        {
            await new ScriptRun(watch, database, turn, script, set.Order, time, logger)
                .UndoAsync(set.Before(script.Version)).ConfigureAwait(false);
            await reader.PlanAsync(watch, session, set).ConfigureAwait(false);
            undone(script);
        }
        return now;
    }

    private async Task<string?> ReadAsync(IDatabaseSession session, string? to)
    {
        var history = await reader.ReadHistoryAsync(watch, session).ConfigureAwait(false);
        var versions = history.Select(entry => entry.Version).Concat(set.Migrations.Select(migration => migration.Version));
        return to is null ? null : BeforeAll.IsMeant(to, versions) ? BeforeAll.Name : Known(reader.IdOf(to, "--to"));
    }

    private async Task<IReadOnlyList<Migration>> ScriptsAsync(IDatabaseSession session, string? target)
    {
        var plan = await reader.PlanAsync(watch, session, set).ConfigureAwait(false);
        ScriptProblem.ThrowIfAny(plan.Problems, [.. plan.View.Applied.Select(applied => applied.Version)]);
        var applied = plan.View.Applied.Select(applied => applied.Version).Where(version => !set.IsRepeatable(version))
            .Concat(plan.Undoing.Select(entry => entry.Version))
            .OrderDescending(set.Order);
        List<string> versions =
        [
            .. target is null ? applied.Take(1)
                : applied.Where(version => target == BeforeAll.Name || set.Order.Compare(version, target) > 0),
        ];
        var scripts = versions.ConvertAll(version => watch.Read(set.Place, () => DownOf(version)));
        var without = versions.Where((_, i) => scripts[i] is null).ToList();
        if (without.Count > 0)
        {
            throw Refused(
                $"{set.Place}: {string.Join(", ", without)} {(without.Count == 1 ? "has" : "have")} no part that undoes it",
                "Write one, or a new migration that does the opposite. A version without a file is undone by the release that has it.");
        }
        List<Migration> found = [.. scripts.OfType<Migration>()];
        ScriptProblem.ThrowIfAny([.. ScriptFinding.ToProblems(found.SelectMany(script => script.Findings))], []);
        var reviews = ScriptReviews.Of(watch, session, found);

        // One that `new` has made and nobody has filled in undoes nothing. What a generator says of it is meant.
        if (found.Find(script => script.Generated is null && reviews.IsEmpty(script)) is { } empty)
        {
            throw Refused(
                $"{empty.File}: has no statement that undoes {empty.Version}",
                "Write what undoes it, or SELECT 1; if there is nothing to undo.");
        }
        return found;
    }

    private Migration? DownOf(string version)
    {
        try
        {
            return set.Migrations.FirstOrDefault(script => script.Version == version)?.Down();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Refused($"{set.Place}: what undoes {version} cannot be read: {e.Message}", "Check the permissions of its file.");
        }
    }

    private string Known(string version) => set.Migrations.Any(script => script.Version == version) ? version
        : throw new MigrationException(new MigrationError
        {
            Code = MigrationErrorCode.InvalidConfiguration,
            Message = $"--to {version}: {set.Place} has no such version{set.Nearest(version)}",
        });

    private static MigrationException Refused(string message, string hint) => new(new MigrationError
    {
        Code = MigrationErrorCode.HistoryMismatch,
        Message = message,
        Hint = $"Nothing was undone. {hint}",
    });
}
