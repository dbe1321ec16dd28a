using System.Globalization;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>What to do about the holder of a lock, with the statement that does it. It differs with the cause.</summary>
/// <remarks>None of it repeats another session's SQL.</remarks>
/// <param name="snapshot">What the server shows, and to whom: others may need another role.</param>
internal sealed class HolderRemedy(LockSnapshot snapshot)
{
    private static readonly string[] Backups = ["pg_dump", "pg_dumpall", "pg_basebackup", "pg_receivewal", "pgbackrest", "barman"];

    /// <param name="backend">Who.</param>
    /// <param name="thisProcess">Whether it is a connection of this very process.</param>
    /// <param name="blockedBy">Whom it waits for itself.</param>
    public string For(ServerBackend backend, bool thisProcess, IReadOnlyList<ServerBackend> blockedBy) => backend switch
    {
        { Prepared: { } gid } => Settle(backend, PostgreSqlName.Literal(gid)),
        { IsMigrationHost: true } when ApplicationName.TokenOf(backend.Application) is { IsGone: true } =>
            $"a MigrationHost instance whose process is gone; the next one ends it by itself. By hand: {TerminateInstance(backend)}",
        { IsToolOfMigrationHost: true } when ApplicationName.TokenOfTool(backend.Application!) is { IsGone: true } =>
            "an external tool's session, left by a MigrationHost instance whose process is gone; the next start of the tool ends it. "
            + $"By hand: {Terminate(backend)}",
        { IsMigrationHost: true } or { IsToolOfMigrationHost: true } when blockedBy.Count > 0 =>
            $"{WaitsFor(blockedBy)}: free that first",
        { IsMigrationHost: true } =>
            "another MigrationHost instance has the turn; it is handed on when that one finishes or ends. "
            + $"If that instance is stuck, for example stopped: {TerminateInstance(backend)}",
        { IsToolOfMigrationHost: true } =>
            $"an external tool that a MigrationHost instance runs: let it finish. If that instance is gone: {Terminate(backend)}",
        _ when thisProcess =>
            "this process holds it: a connection opened elsewhere in the application has an open transaction. "
            + $"Commit, roll back or dispose it before the migrations start. For now: {Terminate(backend)}",
        _ when blockedBy.Count > 0 => $"{WaitsFor(blockedBy)}: free that first. Or: {Terminate(backend)}",
        { Type: "autovacuum worker", Query: { } query } when query.Contains("to prevent wraparound", StringComparison.Ordinal) =>
            "autovacuum that prevents transaction id wraparound: it does not give way, and the server starts it again if it is ended. "
            + $"Let it finish, and give Timeouts:Lock that time; only if you must: {Cancel(backend)}",
        { Type: "autovacuum worker" } =>
            "an ordinary autovacuum: it gives way by itself one second (deadlock_timeout) after another session waits for it. "
            + $"If it does not: {Cancel(backend)}",
        { Type: "walsender" } => $"a backup or replication reads from it: let it finish, or end it there; by hand: {Terminate(backend)}",
        { Type: "logical replication worker" or "logical replication apply worker" or "logical replication tablesync worker" } =>
            "a subscription writes here: it continues when its transaction ends. "
            + $"To stop it: alter subscription … disable, then {Terminate(backend)}",
        { Application: { } name } when Backups.Any(backup => name.StartsWith(backup, StringComparison.Ordinal)) =>
            $"a backup: let it finish, or end it, which spoils that backup: {Terminate(backend)}",
        { WaitEvent: "SyncRep" } =>
            "it has committed and waits for a synchronous standby: bring that back, or change synchronous_standby_names. "
            + $"To let it go without: {Cancel(backend)}",
        { IsIdleInTransaction: true } => $"commit or roll back there, or: {Terminate(backend)}",
        { IsIdle: true } =>
            $"its session keeps the lock without a transaction: give it back there (pg_advisory_unlock), or: {Terminate(backend)}",
        { State: "active", WaitEventType: "Client" } =>
            $"its client does not fetch what it asked for: let it continue, or: {Terminate(backend)}",
        { State: "active" } =>
            $"let its statement finish, or: {Cancel(backend)}; if its transaction stays open after that: {Terminate(backend)}",
        _ => $"let it commit or roll back, or: {Terminate(backend)}",
    };

    private string Settle(ServerBackend prepared, string gid) =>
        $"nobody holds it any more, and no restart ends it: commit prepared {gid} or rollback prepared {gid}, "
        + $"in {(prepared.Database is { } other ? $"database {other}" : "this database")}{By(prepared)}";

    private static string WaitsFor(IReadOnlyList<ServerBackend> blockers) =>
        $"it waits itself, for {string.Join(" and ", blockers.Select(HolderWords.Name))}";

    // Each of its two sessions has a part of the turn: the one at the side would keep it for as long as its process exists.
    private string TerminateInstance(ServerBackend backend) =>
        Call("pg_terminate_backend", [backend, .. snapshot.OfInstance(backend).Where(other => other.Id != backend.Id)]);

    private string Terminate(ServerBackend backend) => Call("pg_terminate_backend", backend);

    private string Cancel(ServerBackend backend) => Call("pg_cancel_backend", backend);

    private string Call(string function, params ServerBackend[] backends) =>
        "select " + string.Join(", ", backends.Select(one => string.Create(CultureInfo.InvariantCulture, $"{function}({one.Id})")))
            + By(backends[0]);

    // https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-ADMIN-SIGNAL
    private string By(ServerBackend backend) =>
        snapshot.Asker.IsSuperuser || backend.User == snapshot.Asker.User ? ""
        : $" (as {(backend.User is { } user ? $"role {user} or " : "")}a superuser)";
}
