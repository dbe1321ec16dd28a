using MigrationHost.Databases;
using MigrationHost.Layouts;
using MigrationHost.Platform;
using MigrationHost.Running;
using MigrationHost.Scripts;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Engines;

/// <summary>Reads what the source has and what the database says, and puts the two together to a plan.</summary>
internal sealed class PlanReader(
    IMigrationDatabase database, IMigrationSource source, SqlRules rules, TimeProvider time, ILogger logger)
{
    public DatabaseAccess Access { get; } = new(database);

    public FirstStart FirstStart => new(database, Access, rules);

    /// <summary>The id that somebody means with <c>--target</c>.</summary>
    public string? Target(string? target) => target is null ? null : IdOf(target, "--target");

    /// <summary>The id that somebody has written.</summary>
    /// <param name="text">What was written.</param>
    /// <param name="setting">Where.</param>
    /// <exception cref="MigrationException">It cannot be one.</exception>
    public string IdOf(string text, string setting) => source.ReadId(text, out var problem)
        ?? throw new MigrationException(new MigrationError
        {
            Code = MigrationErrorCode.InvalidConfiguration,
            Message = $"{setting}: {problem}",
        });

    /// <summary>All there is, whatever is wrong with it.</summary>
    public MigrationSet ReadSource(Watch watch) => watch.Read(source, time);

    /// <summary>Writes the files of the next migration.</summary>
    /// <returns>Their paths, as the folder is configured.</returns>
    public IReadOnlyList<string> Add(Watch watch, string title) => watch.Read(source.Place, () =>
    {
        var files = source.Next(title, time.GetUtcNow());
        new NewMigration(source.Folder ?? throw NotWritten(files)).Write(files);
        return (IReadOnlyList<string>)[.. files.Where(file => !file.Replaces).Select(file => Path.Combine(source.Place, file.Name))];
    });

    /// <summary>All there is.</summary>
    /// <exception cref="MigrationException">Something is wrong with it, or it has no such target.</exception>
    public MigrationSet ReadScripts(Watch watch, string? target)
    {
        var set = ReadSource(watch);
        ScriptProblem.ThrowIfAny(set.Problems, []);
        watch.State.SeeFiles(set.Latest);
        ScriptProblem.ThrowIfAny(WhyEmpty(set), []);
        if (target is not null && set.Migrations.All(script => script.Version != target))
        {
            throw new MigrationException(new MigrationError
            {
                Code = MigrationErrorCode.InvalidConfiguration,
                Message = $"target {target}: {source.Place} has no such version{set.Nearest(target)}",
            });
        }
        return set;
    }

    /// <summary>The problems of a source that has no migration, and should; none where it has some.</summary>
    public IReadOnlyList<ScriptProblem> WhyEmpty(MigrationSet set) => !set.IsEmpty || rules.AllowEmpty ? []
        : set.Findings.Count > 0 ? [.. ScriptFinding.ToProblems(set.Findings)]
        : [set.Empty];

    /// <summary>What a folder is may show only with what the database holds.</summary>
    /// <param name="watch">The watch over this run.</param>
    /// <param name="session">The open database.</param>
    /// <param name="set">What the source was read as.</param>
    /// <param name="again">Reads it as what it is, where that is something else.</param>
    /// <returns>What the source holds, read as what it is.</returns>
    public async Task<MigrationSet> DecideAsync(Watch watch, IDatabaseSession session, MigrationSet set, Func<MigrationSet> again)
    {
        if (source is not LayoutChoice { IsOpen: true } choice)
            return set;
        database.Use(OwnHistory.Form);
        var ours = await Access.ReadHistoryAsync(watch, session).ConfigureAwait(false);
        var anew = choice.Decide(ours, await FirstStart.ReadTablesAsync(watch, session).ConfigureAwait(false));
        database.Use(choice.Form);
        if (choice.Reason is { } reason)
            Log.Note(logger, watch.State.Name, reason);
        return anew ? again() : set;
    }

    /// <summary>The same for a look after a run, which another process may have made. False: a lock keeps readers out right now.</summary>
    public async Task<bool> TryDecideAsync(IDatabaseSession session, CancellationToken cancellationToken)
    {
        if (source is not LayoutChoice { IsDecided: false } choice)
            return true;
        choice.Read(new FilesInHand(time));
        database.Use(OwnHistory.Form);
        if (await session.TryReadHistoryAsync(cancellationToken).ConfigureAwait(false) is not { } ours
            || await session.TryReadTablesAsync(rules.NeighbourHistories, cancellationToken).ConfigureAwait(false) is not { } tables)
            return false;
        choice.Decide(ours, tables);
        database.Use(choice.Form);
        return true;
    }

    /// <summary>What is pending and what disagrees, as of now.</summary>
    public async Task<MigrationPlan> PlanAsync(Watch watch, IDatabaseSession session, MigrationSet set, string? target = null)
    {
        var plan = MigrationPlanner.Plan(set, await ReadHistoryAsync(watch, session).ConfigureAwait(false), target);
        watch.State.See(plan.View);
        return plan;
    }

    /// <summary>The history with its ids in the one form that the source gives them.</summary>
    public async Task<IReadOnlyCollection<HistoryEntry>> ReadHistoryAsync(Watch watch, IDatabaseSession session)
    {
        var history = new Dictionary<string, HistoryEntry>();
        foreach (var entry in await Access.ReadHistoryAsync(watch, session).ConfigureAwait(false))
        {
            var id = source.ReadId(entry.Version, out var problem)
                ?? throw HistoryTable.Damaged(database.Form.Table, $"it has a version '{entry.Version}', but {problem}");
            if (!history.TryAdd(id, id == entry.Version ? entry : entry with { Version = id }))
                throw HistoryTable.Damaged(database.Form.Table, $"it has version {id} twice");
        }
        return history.Values;
    }

    public void Warn(Watch watch, MigrationPlan plan)
    {
        IReadOnlyList<PlanWarning> warnings = [.. plan.Warnings, .. database.Warnings, .. rules.Warnings, .. Unused()];
        watch.State.Warn(warnings);
        foreach (var warning in warnings)
            Log.Warning(logger, watch.State.Name, warning.Message);
    }

    // Whose history it is may show only with what the database holds.
    private IEnumerable<PlanWarning> Unused()
    {
        if (rules.NamesHistory && database.Form == OwnHistory.Form)
        {
            yield return new PlanWarning(
                "the setting History is not used: it names the history of another tool's layout, and these migrations have our own, "
                    + $"{HistoryTable.Name} in the connection's default schema",
                "Remove History, or set Layout to the tool whose history it names.");
        }
    }

    private MigrationException NotWritten(IReadOnlyList<NewFile> files) => new(new MigrationError
    {
        Code = MigrationErrorCode.InvalidConfiguration,
        Message = $"new: the migrations of {source.Place} are in the program itself; "
            + $"add {string.Join(" and ", files.Select(file => file.Name))} to the project's folder that they come from",
    });
}
