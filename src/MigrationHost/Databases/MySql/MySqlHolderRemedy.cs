using System.Globalization;

namespace MigrationHost.Databases.MySql;

/// <summary>What to do about the holder of a lock, with the statement that does it. It differs with the cause.</summary>
/// <remarks>None of it repeats another session's SQL.</remarks>
internal static class MySqlHolderRemedy
{
    private static readonly string[] Backups =
        ["mysqldump", "mariadb-dump", "mydumper", "mariabackup", "mariadb-backup", "xtrabackup", "mysqlpump", "mysqlbackup"];

    // What mysqldump and mariadb-dump send: no program_name is needed to know them.
    private const string DumpsRead = "/*!40001 SQL_NO_CACHE */";

    public static string For(MySqlHolder holder, bool thisProcess, MySqlSnapshot snapshot) => holder.Thread! switch
    {
        { Words.IsGone: true } thread =>
            $"a MigrationHost instance whose process is gone; the next one ends it by itself. By hand: {Kill(thread, snapshot)}",
        var thread when IsInstance(holder) && MySqlChains.Waits(thread) => holder.WaitsFor.Count > 0
            ? $"{WaitsFor(holder)}: free that first"
            : "it waits itself, and whoever it waits for is not visible to this account",
        var thread when IsInstance(holder) =>
            "another MigrationHost instance has the turn; it is handed on when that one finishes or ends. "
                + $"If that instance is stuck, for example stopped: {KillInstance(thread, snapshot)}",
        var thread when holder.HasToolLock =>
            $"a tool that migrates this database: let it finish, or: {Kill(thread, snapshot)}",
        var thread when thisProcess =>
            "this process holds it: a connection opened elsewhere in the application has an open transaction or has locked tables. "
                + $"Commit, roll back or dispose it before the migrations start. For now: {Kill(thread, snapshot)}",
        var thread when holder.WaitsFor.Count > 0 =>
            $"{WaitsFor(holder)}: free that first. Or: {Kill(thread, snapshot)}",
        var thread when IsBackup(thread) => $"a backup: let it finish, or end it, which spoils that backup: {Kill(thread, snapshot)}",
        var thread when holder.Held.Any(held => held.IsOnEverything) =>
            "it has locked all tables (FLUSH TABLES WITH READ LOCK), as a backup does: let it finish, UNLOCK TABLES there, "
                + $"or: {Kill(thread, snapshot)}",
        { IsIdle: true, Transaction: not null } thread => $"commit or roll back there, or: {Kill(thread, snapshot)}",
        { IsIdle: true } thread => $"commit or roll back there, or UNLOCK TABLES; or: {Kill(thread, snapshot)}",
        var thread => $"let its statement finish, or: {Kill(thread, snapshot)}",
    };

    /// <summary>What to do about a prepared transaction.</summary>
    public static string Settle(string? xid) => xid is null
        ? "nobody holds it any more, and no restart ends it: XA RECOVER shows its id for XA COMMIT or XA ROLLBACK"
        : $"nobody holds it any more, and no restart ends it: XA COMMIT {xid} or XA ROLLBACK {xid}";

    private static bool IsInstance(MySqlHolder holder) => holder.HasTurn || holder.Thread?.Words is not null;

    private static string WaitsFor(MySqlHolder holder) =>
        $"it waits itself, for {string.Join(" and ", holder.WaitsFor.Select(MySqlHolderWords.Name).Distinct())}";

    private static bool IsBackup(MySqlThread thread) =>
        thread.Program is { } program && Array.Exists(Backups, backup => program.StartsWith(backup, StringComparison.Ordinal))
        || thread.Statement?.Contains(DumpsRead, StringComparison.Ordinal) is true;

    private static string KillInstance(MySqlThread thread, MySqlSnapshot snapshot)
    {
        int[] ids = [.. new[] { snapshot.Turn.Side, snapshot.Turn.Work }.OfType<int>().Append(thread.Id).Distinct()];
        return $"{string.Join("; ", ids.Select(KillOf))}{By(thread, snapshot)}";
    }

    private static string Kill(MySqlThread thread, MySqlSnapshot snapshot) => $"{KillOf(thread.Id)}{By(thread, snapshot)}";

    private static string KillOf(int id) => string.Create(CultureInfo.InvariantCulture, $"KILL {id}");

    // https://mariadb.com/kb/en/kill/
    private static string By(MySqlThread thread, MySqlSnapshot snapshot) =>
        thread.User is null || thread.User == snapshot.User ? "" : $" (as {thread.User}, or with CONNECTION ADMIN)";
}
