using MigrationHost.Databases;

namespace MigrationHost.Layouts;

/// <summary>Decides whose folder it is: a pure function of the candidates and of the tables in the database.</summary>
internal static class LayoutDecision
{
    /// <param name="folder">The folder as it is configured.</param>
    /// <param name="candidates">The tools whose folder it may be.</param>
    /// <param name="mayBeOurs">Whether it may be one of ours, too.</param>
    /// <param name="doubt">What speaks against it, if the files alone show whose it is.</param>
    /// <param name="tables">The tables in the database.</param>
    /// <returns>The tool's layout, and why; null for our own.</returns>
    /// <exception cref="MigrationException">It cannot be told.</exception>
    public static (ToolLayout? Layout, string? Why) Of(
        string folder,
        IReadOnlyList<ToolLayout> candidates,
        bool mayBeOurs,
        (string What, string Remedy)? doubt,
        IReadOnlyList<ExistingTable> tables)
    {
        List<ToolLayout> known = [.. candidates.Where(layout => tables.Any(table => IsHistory(layout, table, tables)))];
        if (known is [var only])
            return (only, $"{folder} is taken for a folder of {only.Tool}: the database has its history ({only.Form.Table})");
        if (known.Count == 0 && mayBeOurs)
            return (null, null);
        if (known.Count == 0 && doubt is null && candidates is [var marked])
            return (marked, $"{folder} is taken for a folder of {marked.Tool}: its files are that tool's");
        var fits = known.Count > 0 ? known : candidates;
        var mayBe = $"{folder} may be a folder of {string.Join(" or ", fits.Select(layout => layout.Tool))}";
        var choice = fits.Count == 1 ? "" : $"Set Layout to one of {string.Join(", ", fits.Select(layout => layout.Kind))}.";
        throw known.Count > 0 ? Refusal($"{mayBe}, and the database has a history of each", choice)
            : doubt is var (what, remedy) ? Refusal(
                $"{mayBe}, but {what}, and the database has no history that shows whose it is",
                $"{remedy}{(choice.Length == 0 ? "" : $" {choice}")}")
            : Refusal($"{mayBe}, and the database has no history that shows which", choice);
    }

    /// <summary>Refuses a table that has the name of a layout's history and is another tool's.</summary>
    public static void RefuseOther(ToolLayout layout, IReadOnlyList<ExistingTable> tables)
    {
        var (table, tool) = ForeignHistories.Find(tables)
            .FirstOrDefault(history => history.Table.Equals(layout.Form.Table, StringComparison.OrdinalIgnoreCase));
        if (tool is not null && !tool.Contains(layout.Tool, StringComparison.Ordinal))
            throw Refusal($"{table} is the history of {tool}, and Layout is {layout.Kind}", "Set Layout to the tool that has migrated it.");
    }

    private static bool IsHistory(ToolLayout layout, ExistingTable table, IReadOnlyList<ExistingTable> all) =>
        table.Name.Equals(layout.Form.Table, StringComparison.OrdinalIgnoreCase)
        && ForeignHistories.Find(all).All(history =>
            history.Table != table.Name || history.Tool.Contains(layout.Tool, StringComparison.Ordinal));

    private static MigrationException Refusal(string message, string hint) => new(new MigrationError
    {
        Code = MigrationErrorCode.HistoryMismatch,
        Message = message,
        Hint = $"Nothing was applied in this start. {hint}",
    });
}
