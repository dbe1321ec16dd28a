namespace MigrationHost.Databases.PostgreSql;

/// <summary>What is reported of the holder of a lock: who it is, and what it is doing.</summary>
/// <remarks>None of it repeats another session's SQL.</remarks>
internal static class HolderWords
{
    /// <summary>The application_name; of a session of MigrationHost its instance, if that is visible.</summary>
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

    /// <summary><c>psql (pid 4837)</c></summary>
    public static string Name(ServerBackend backend) => backend switch
    {
        { Prepared: { } gid } => $"prepared transaction {PostgreSqlName.Literal(gid)}",
        { IsMigrationHost: true } => $"migrationhost (pid {backend.Id})",
        { IsToolOfMigrationHost: true } => $"the external tool of a MigrationHost instance (pid {backend.Id})",
        _ => $"{backend.Application ?? backend.Type ?? "a session"} (pid {backend.Id})",
    };

    private static string? Doing(ServerBackend backend, LockSnapshot snapshot) => backend switch
    {
        { Prepared: { } gid } => $"{PostgreSqlName.Literal(gid)}, prepared {Ago(backend.TransactionMs)}",
        { IsMigrationHost: true } when Said(backend, snapshot) is { } said => said.Doing,
        { IsHidden: true } => "what it does is hidden",
        { IsIdleInTransaction: true } => $"{backend.State}{For(backend.StateMs)}{Transaction(backend)}",
        { IsIdle: true } => $"{backend.State}{For(backend.StateMs)}",
        { State: "active" } when snapshot.WantedBy(backend.Id) is { } wanted =>
            $"waits itself{For(wanted.WaitsForMs)} for {wanted.Wanted}{Transaction(backend)}",
        { State: "active", WaitEvent: "SyncRep" } => $"its commit has waited{For(backend.QueryMs)} for a synchronous standby",
        { State: "active", WaitEventType: "Client" } =>
            $"its statement has run{For(backend.QueryMs)} and waits for its client{Transaction(backend)}",
        { State: "active" } => $"its statement has run{For(backend.QueryMs)}{Transaction(backend)}",
        { State: "disabled" } => $"track_activities is off for it{Transaction(backend)}",
        _ => backend.State ?? (backend.TransactionMs is null ? null : $"in a transaction{For(backend.TransactionMs)}"),
    };

    private static string? Who(ServerBackend backend)
    {
        string?[] parts =
        [
            backend.User is { } user ? $"user {user}{(backend.Address is { } address ? $" from {address}" : "")}" : null,
            backend.Database is { } database ? $"in database {database}" : null,
        ];
        return parts.All(part => part is null) ? null : string.Join(" ", parts.OfType<string>());
    }

    // Only if that says more than what was said before.
    private static string Transaction(ServerBackend backend) =>
        backend.TransactionMs is { } transaction && transaction > (backend.IsIdle ? backend.StateMs : backend.QueryMs) + 1000
            ? $", its transaction is {Duration.Say(transaction)} old"
            : "";

    private static string For(long? milliseconds) => milliseconds is > 0 and var some ? $" for {Duration.Say(some)}" : "";

    private static string Ago(long? milliseconds) => milliseconds is { } some ? $"{Duration.Say(some)} ago" : "some time ago";

    private static TurnHolder? Said(ServerBackend backend, LockSnapshot snapshot) =>
        snapshot.Backends
            .Where(other => other.Instance == backend.Instance)
            .Select(other => other.Query is { } query ? PostgreSqlSide.Said(query) : null)
            .FirstOrDefault(said => said is not null);
}
