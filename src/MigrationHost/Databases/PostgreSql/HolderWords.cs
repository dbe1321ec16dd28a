using System.Globalization;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>What is said of somebody who holds a lock: who it is, what it is doing, and the remedy, which differs with the cause.</summary>
/// <remarks>None of it repeats another session's SQL.</remarks>
internal static class HolderWords
{
    private static readonly string[] Backups = ["pg_dump", "pg_dumpall", "pg_basebackup", "pg_receivewal", "pgbackrest", "barman"];

    /// <summary>The application_name; of a session of MigrationHost its instance, where that can be seen.</summary>
    public static string? Program(ServerBackend backend, LockSnapshot snapshot) => backend switch
    {
        { Prepared: not null } => "prepared transaction",
        { IsMigrationHost: true } => Said(backend, snapshot) is { } said ? InstanceProgram(said.Instance) : "migrationhost",
        { Application: not null } => backend.Application,
        { Type: not null and not "client backend" } => backend.Type,
        _ => null,
    };

    /// <summary>An instance of MigrationHost as a program.</summary>
    public static string InstanceProgram(string instance) => $"migrationhost {instance}";

    public static string State(ServerBackend backend, LockSnapshot snapshot)
    {
        string?[] parts = [Doing(backend, snapshot), Who(backend)];
        return string.Join(", ", parts.OfType<string>());
    }

    /// <summary>What it is doing, without the name of anybody or anything.</summary>
    public static string? AnonymousState(ServerBackend backend, LockSnapshot snapshot) => backend switch
    {
        { Prepared: not null } => $"prepared {Ago(backend.TransactionMs)}",
        { IsMigrationHost: true } when Said(backend, snapshot) is not null => "migrates this database",
        { State: "active" } when snapshot.WantedBy(backend.Id) is { } wanted =>
            $"waits itself{For(wanted.WaitsForMs)}{Transaction(backend)}",
        _ => Doing(backend, snapshot),
    };

    /// <summary>What to do about it, ready to paste.</summary>
    /// <param name="backend">Who.</param>
    /// <param name="thisProcess">Whether it is a connection of this very process.</param>
    /// <param name="blockedBy">Whom it waits for itself.</param>
    public static string Hint(ServerBackend backend, bool thisProcess, IReadOnlyList<ServerBackend> blockedBy) => backend switch
    {
        { Prepared: { } gid } => $"nobody holds it any more, and no restart ends it: commit prepared {PostgreSqlName.Literal(gid)} or rollback prepared {PostgreSqlName.Literal(gid)}, in this database",
        { IsMigrationHost: true } when ApplicationName.TokenOf(backend.Application) is { IsGone: true } => $"a MigrationHost instance whose process is gone; the next one ends it by itself. By hand: {Terminate(backend)}",
        { IsMigrationHost: true } => "another MigrationHost instance has the turn; it is handed on when that one finishes or ends",
        { Application: { } name } when ApplicationName.TokenOfTool(name) is { } host => host.IsGone
            ? $"an external tool's session, left by a MigrationHost instance whose process is gone; the next start of the tool ends it. By hand: {Terminate(backend)}"
            : $"an external tool that a MigrationHost instance runs: let it finish. Where that instance is gone: {Terminate(backend)}",
        _ when thisProcess => "this process holds it: a connection opened elsewhere in the application has an open transaction. Commit, roll back or dispose it before the migrations start.",
        _ when blockedBy.Count > 0 => $"it waits itself, for {string.Join(" and ", blockedBy.Select(Name))}: free that first. Or: {Terminate(backend)}",
        { Type: "autovacuum worker", Query: { } query } when query.Contains("to prevent wraparound", StringComparison.Ordinal) =>
            $"autovacuum that prevents transaction id wraparound: it does not give way, and the server starts it again where it is ended. Let it finish, and give Timeouts:Lock that time; only in need: {Cancel(backend)}",
        { Type: "autovacuum worker" } => "an ordinary autovacuum: it gives way by itself a second (deadlock_timeout) after somebody waits for it",
        { Type: "walsender" } => $"a backup or replication reads from it: let it finish, or end it there; by hand: {Terminate(backend)}",
        { Type: "logical replication worker" or "logical replication apply worker" or "logical replication tablesync worker" } => "a subscription writes here: it goes on when its transaction ends, or: alter subscription … disable",
        { Application: { } name } when Backups.Any(backup => name.StartsWith(backup, StringComparison.Ordinal)) => $"a backup: let it finish, or end it, which spoils that backup: {Terminate(backend)}",
        { IsIdleInTransaction: true } => $"commit or roll back there, or: {Terminate(backend)}",
        { IsIdle: true } => $"its session keeps the lock without a transaction: give it back there (pg_advisory_unlock), or: {Terminate(backend)}",
        { State: "active", WaitEventType: "Client" } => $"its client does not fetch what it has asked for: let it go on, or: {Terminate(backend)}",
        { State: "active" } => $"let its statement finish, or: {Cancel(backend)}; where its transaction stays open after that: {Terminate(backend)}",
        _ => $"let it commit or roll back, or: {Terminate(backend)}",
    };

    /// <summary><c>psql (pid 4837)</c></summary>
    public static string Name(ServerBackend backend) => backend.Prepared is { } gid ? $"prepared transaction {PostgreSqlName.Literal(gid)}" : $"{backend.Application ?? backend.Type ?? "a session"} (pid {backend.Id})";

    private static string? Doing(ServerBackend backend, LockSnapshot snapshot) => backend switch
    {
        { Prepared: { } gid } => $"{PostgreSqlName.Literal(gid)}, prepared {Ago(backend.TransactionMs)}",
        { IsMigrationHost: true } when Said(backend, snapshot) is { } said => said.Doing,
        { IsHidden: true } => "what it does is hidden",
        { IsIdleInTransaction: true } => $"{backend.State}{For(backend.StateMs)}{Transaction(backend)}",
        { IsIdle: true } => $"{backend.State}{For(backend.StateMs)}",
        { State: "active" } when snapshot.WantedBy(backend.Id) is { } wanted => $"waits itself{For(wanted.WaitsForMs)} for {wanted.Wanted}{Transaction(backend)}",
        { State: "active" } => $"its statement has run{For(backend.QueryMs)}{(backend.WaitEventType == "Client" ? " and waits for its client" : "")}{Transaction(backend)}",
        { State: "disabled" } => $"track_activities is off for it{Transaction(backend)}",
        _ => backend.State ?? (backend.TransactionMs is null ? null : $"in a transaction{For(backend.TransactionMs)}"),
    };

    private static string? Who(ServerBackend backend) => backend.User is not { } user ? null : $"user {user}{(backend.Address is { } address ? $" from {address}" : "")}";

    // Only where that tells more than what was said before.
    private static string Transaction(ServerBackend backend) =>
        backend.TransactionMs is { } transaction && transaction > (backend.IsIdle ? backend.StateMs : backend.QueryMs) + 1000 ? $", its transaction is {Duration.Say(transaction)} old" : "";

    private static string For(long? milliseconds) => milliseconds is > 0 and var some ? $" for {Duration.Say(some)}" : "";

    private static string Ago(long? milliseconds) => milliseconds is { } some ? $"{Duration.Say(some)} ago" : "some time ago";

    private static TurnHolder? Said(ServerBackend backend, LockSnapshot snapshot) =>
        snapshot.Backends.Where(other => other.Instance == backend.Instance).Select(other => other.Query is { } query ? PostgreSqlSide.Said(query) : null).FirstOrDefault(said => said is not null);

    private static string Terminate(ServerBackend backend) => string.Create(CultureInfo.InvariantCulture, $"select pg_terminate_backend({backend.Id})");

    private static string Cancel(ServerBackend backend) => string.Create(CultureInfo.InvariantCulture, $"select pg_cancel_backend({backend.Id})");
}
