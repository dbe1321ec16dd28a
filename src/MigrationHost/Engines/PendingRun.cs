using MigrationHost.Databases;
using MigrationHost.Running;
using MigrationHost.Scripts;

namespace MigrationHost.Engines;

/// <summary>
/// Applies what is pending: several migrations with one commit, as long as hardly anybody waits for it, else each with its own.
/// </summary>
/// <remarks>
/// Whatever comes in between (a failure, a refused lock, the end of the group's time) rolls the whole group back, and its migrations run
/// one by one: result, error and culprit are those of single runs. docs/decisions/0030-one-commit-for-several.md.
/// </remarks>
/// <param name="watch">The watch over the run.</param>
/// <param name="groups">The turn, if migrations can share a commit in it; null if each is to have its own.</param>
/// <param name="run">Makes the run of one script; with a token, as a part of a group that the token ends.</param>
/// <param name="time">The time.</param>
internal sealed class PendingRun(
    Watch watch, IGroupsMigrations? groups, Func<Migration, CancellationToken?, ScriptRun> run, TimeProvider time)
{
    /// <summary>How many migrations share a commit at most.</summary>
    private const int Most = 100;

    /// <summary>How much text they have together, in bytes, when no more are added.</summary>
    private const int Enough = 16 * 1024 * 1024;

    /// <summary>After so many that were rolled back no more are tried: each costs its time twice.</summary>
    private const int MostRolledBack = 3;

    /// <summary>Applies them in their order.</summary>
    /// <param name="pending">What is pending.</param>
    /// <param name="begins">Whether the history was empty at the start.</param>
    /// <returns>What the history says of each, once it is committed.</returns>
    public async IAsyncEnumerable<HistoryEntry> ApplyAsync(IReadOnlyList<Migration> pending, bool begins)
    {
        var (next, most, rolledBack) = (0, Most, 0);

        // A migration that comes to its own limit ends the run, and would take with it what shares its commit.
        var longest = groups?.LongestGroup(begins) ?? TimeSpan.Zero;
        longest = longest * 2 > watch.Timeouts.Migration ? TimeSpan.Zero : longest;
        while (next < pending.Count)
        {
            var alone = 1;
            if (groups is not null && longest > TimeSpan.Zero && rolledBack < MostRolledBack && pending.Count - next > 1)
            {
                var (entries, tried, read) = await TryTogetherAsync(groups, pending.Skip(next).Take(most), longest).ConfigureAwait(false);
                foreach (var entry in entries)
                    yield return entry;
                next += entries.Count;

                // Where each script ends its group, it is not read a hundred times.
                most = tried < read ? Math.Max(tried, 1) : Math.Min(most * 2, Most);
                rolledBack += entries.Count < tried ? 1 : 0;
                alone = entries.Count > 0 ? 0 : Math.Max(tried, 1);
            }
            for (; alone > 0; alone--, next++)
                yield return await run(pending[next], null).ApplyAsync().ConfigureAwait(false);
        }
    }

    // All of them before the first begins: nobody waits for us while a file does not answer. One that cannot be read is told of when it
    // is the first.
    private static List<ScriptRun> Read(IEnumerable<Migration> scripts, Func<Migration, ScriptRun> run)
    {
        var (ready, bytes) = (new List<ScriptRun>(), 0);
        try
        {
            foreach (var one in scripts.Select(run).TakeWhile(one => one.CanShareCommit))
            {
                ready.Add(one);
                bytes += one.TextLength;
                if (bytes > Enough)
                    break;
            }
        }
        catch (MigrationException) when (ready.Count > 0)
        {
        }
        return ready;
    }

    /// <returns>What the history says of each that is committed: of all that were tried, or of none.</returns>
    private async Task<(IReadOnlyList<HistoryEntry> Entries, int Tried, int Read)> TryTogetherAsync(
        IGroupsMigrations groups, IEnumerable<Migration> scripts, TimeSpan longest)
    {
        var (runs, entries) = (new List<ScriptRun>(), new List<HistoryEntry>());
        using var late = new CancellationTokenSource();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(watch.Token, late.Token);
        var ready = Read(scripts, script => run(script, either.Token));
        long? first = null;
        groups.BeginGroup();
        try
        {
            foreach (var one in ready)
            {
                runs.Add(one);
                entries.Add(await one.ApplyAsync().ConfigureAwait(false));

                // What the first has waited for does not count, and it has the limits of a single run: it would be the same, and so is its
                // failure.
                first ??= time.GetTimestamp();
                var left = longest - TimeSpan.FromMilliseconds(entries[0].DurationMs ?? 0) - time.GetElapsedTime(first.Value);
                if (groups.EndsGroup || left < longest / 2)
                    break;
                if (entries.Count == 1)
                    late.CancelAfter(left);
            }
            if (runs is not [.., var last] || !await last.TryCommitGroupAsync(groups).ConfigureAwait(false))
                return ([], runs.Count, ready.Count);
        }
        catch (MigrationException) when (entries.Count > 0)
        {
            return ([], runs.Count, ready.Count);
        }
        catch (OperationCanceledException) when (!watch.Token.IsCancellationRequested)
        {
            return ([], runs.Count, ready.Count);
        }
        finally
        {
            await groups.EndGroupAsync().ConfigureAwait(false);
        }
        foreach (var (one, entry) in runs.Zip(entries))
            one.Report(entry);
        return (entries, runs.Count, ready.Count);
    }
}
