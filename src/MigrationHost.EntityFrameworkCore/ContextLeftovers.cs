using System.Text;
using MigrationHost.Databases;

namespace MigrationHost.EntityFramework;

/// <summary>What a killed EF Core leaves of a table rebuild on SQLite, where its commands are not one transaction: the copy, beside the
/// table or in its place.</summary>
internal static class ContextLeftovers
{
    private const string Prefix = "ef_temp_";

    /// <param name="tables">The database's tables.</param>
    /// <param name="pending">The migrations that are pending, in their order.</param>
    /// <returns>Why these cannot be applied; null if nothing is left of them.</returns>
    public static MigrationError? Find(IReadOnlyList<ExistingTable> tables, IReadOnlyList<Scripts.Migration> pending)
    {
        string[] copies = [.. tables.Select(table => table.Name).Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))];
        var found =
            from migration in pending
            let text = copies.Length == 0 ? "" : Encoding.UTF8.GetString(migration.ReadText().Utf8)
            from copy in copies
            where text.Contains($"CREATE TABLE \"{copy}\"", StringComparison.Ordinal)
            select (migration, copy);
        return found.FirstOrDefault() is ({ } rebuilds, { } left)
            ? Error(rebuilds, left, tables.Any(table => table.Name == left[Prefix.Length..]))
            : null;
    }

    private static MigrationError Error(Scripts.Migration migration, string copy, bool original) => new()
    {
        Code = MigrationErrorCode.HistoryMismatch,
        Message = $"{migration.Version}: a killed EF Core has left the table {copy}, its copy of {copy[Prefix.Length..]} for a rebuild",
        Version = migration.Version,
        File = migration.File,
        Hint = "Nothing was applied in this start. Back up the file. "
            + (original
                ? $"The table itself is still there, so remove the copy: DROP TABLE \"{copy}\";"
                : $"The table itself is gone, and the copy has its rows: ALTER TABLE \"{copy}\" RENAME TO \"{copy[Prefix.Length..]}\";")
            + " Then start again. What else the migration had done before the kill may have to be undone by hand.",
    };
}
