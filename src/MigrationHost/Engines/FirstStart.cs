using MigrationHost.Databases;
using MigrationHost.Layouts;
using MigrationHost.Running;
using MigrationHost.Scripts;

namespace MigrationHost.Engines;

/// <summary>What is looked at before a history begins: a database that has been migrated already, by other means or elsewhere, must not be
/// migrated from the first version again.</summary>
internal sealed class FirstStart(IMigrationDatabase database, DatabaseAccess access, SqlRules rules)
{
    private const int MostNames = 5;
    private const int LongestName = 100;

    /// <exception cref="MigrationException">The database is not one to begin with.</exception>
    public async Task RefuseAsync(Watch watch, IDatabaseSession session, IReadOnlyList<Migration> scripts)
    {
        await RefuseHistoryElsewhereAsync(watch, session, scripts).ConfigureAwait(false);
        if (rules.AllowExistingTables)
            return;
        var tables = await ReadTablesAsync(watch, session).ConfigureAwait(false);
        var isShared = tables.Any(table => IsNeighbours(table.Name));
        tables = [.. tables.Where(table => !table.Elsewhere)];
        if (isShared)
            tables = [.. tables.Where(IsNobodys)];

        // Another instance may have committed them together with the first row, since the history was read.
        if (tables.Count > 0 && (await access.ReadHistoryAsync(watch, session).ConfigureAwait(false)).Count == 0)
            throw new MigrationException(Existing(watch.State.Name, tables));
    }

    /// <exception cref="MigrationException">These migrations have a history in another place.</exception>
    public async Task RefuseHistoryElsewhereAsync(Watch watch, IDatabaseSession session, IReadOnlyList<Migration> scripts)
    {
        if (session is not IFindsHistoryElsewhere other)
            return;
        var found = await access
            .ReadAsync(watch, () => other.TryFindHistoryElsewhereAsync(scripts, watch.Token)).ConfigureAwait(false);
        if (found is [var (where, remedy), ..])
            throw new MigrationException(Refusal($"{where}: nothing is applied", remedy));
    }

    public Task<IReadOnlyList<ExistingTable>> ReadTablesAsync(Watch watch, IDatabaseSession session) =>
        access.ReadAsync(watch, () => session.TryReadTablesAsync(rules.NeighbourHistories, watch.Token));

    // What a neighbour has put there is not strange; the history of a tool that no entry names is.
    private bool IsNobodys(ExistingTable table) => !IsNeighbours(table.Name) && ForeignHistories.Find([table]).Count > 0;

    private bool IsNeighbours(string table) => rules.NeighbourHistories.Contains(table, StringComparer.OrdinalIgnoreCase);

    private MigrationError Existing(string name, IReadOnlyList<ExistingTable> tables)
    {
        var histories = ForeignHistories.Find(tables);
        var others = tables.Select(table => table.Name).Except(histories.Select(history => history.Table)).ToList();
        var found = histories.Select(history => $"the history of {history.Tool} ({history.Table})").ToList();
        if (others.Count > 0)
            found.Add($"{(others.Count == 1 ? "1 table" : $"{others.Count} tables")} ({Names(others)})");
        List<MigrationLayout> layouts = [.. histories.SelectMany(history => KnownLayouts.Of(history.Tool)).Distinct()];
        return Refusal(
            $"{database.Target} has {string.Join(" and ", found)}, but no history of {database.Form.Owner}: "
                + "applying everything from the first version could change what is there. Nothing was applied",
            (layouts.Count == 0 ? "" : $"If these are the migrations of that tool, set Layout: {string.Join(" or ", layouts)}. ")
                + "If it was migrated up to a version by other means, record that with "
                + $"'migrationhost baseline VERSION --database {name}' ({Tool.Page}). "
                + "If the migrations are to run beside what is there, set AllowExistingTables: true for this database.");
    }

    private static string Names(List<string> tables) =>
        $"{string.Join(", ", tables.Take(MostNames).Select(Short))}{(tables.Count > MostNames ? ", …" : "")}";

    // SQLite has no limit for it.
    private static string Short(string name) => name.Length <= LongestName ? name : $"{name[..LongestName]}…";

    private static MigrationError Refusal(string message, string hint) =>
        new() { Code = MigrationErrorCode.HistoryMismatch, Message = message, Hint = hint };
}
