namespace MigrationHost.Scripts;

/// <summary>What is the same about the history table in every kind of database: its name, and what can be wrong with it.</summary>
internal static class HistoryTable
{
    public const string Name = "migrationhost_history";

    /// <summary>Why a statement of a script that changes it is refused.</summary>
    public static string NotForScripts(string table) => $"a migration may not change {table}";

    public const string UseResolve = "Use the resolve command for what the history should say.";

    /// <summary>What to do if a trigger or a script has changed it behind our back: nothing of that was committed.</summary>
    public static string RemoveTrigger(string table) => $"Remove the trigger on {table}, or what the script does to it.";

    /// <summary>It is not what it was with the row that was written.</summary>
    public static MigrationException Changed(string table, string what) => Mismatch(what, RemoveTrigger(table));

    /// <summary>A row of it is not one of its form.</summary>
    public static MigrationException Damaged(string table, string what) => Mismatch(
        $"the history table {table} cannot be read: {what}",
        "It was edited by hand; restore the row from a backup.");

    /// <summary>There is a table or view of that name, and it lacks a column.</summary>
    public static MigrationException NotOurs(IHistoryForm form, string why) => Mismatch(
        $"{form.Table} exists, but is not a history of {form.Owner}: {why.TrimEnd('.')}",
        "Nothing was applied in this start. Another program made it, or it was changed by hand: "
            + "rename it, restore it from a backup, or point ConnectionString at the right database.");

    private static MigrationException Mismatch(string message, string hint) =>
        new(new MigrationError { Code = MigrationErrorCode.HistoryMismatch, Message = message, Hint = hint });
}
