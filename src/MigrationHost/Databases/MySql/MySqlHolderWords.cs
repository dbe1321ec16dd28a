namespace MigrationHost.Databases.MySql;

/// <summary>What is reported of the holder of a lock: who it is, and what it is doing.</summary>
/// <remarks>None of it repeats another session's SQL.</remarks>
internal static class MySqlHolderWords
{
    /// <summary>An instance of MigrationHost, else the program_name, else the client's host.</summary>
    public static string? Program(MySqlThread thread, MySqlSnapshot snapshot) =>
        Said(thread, snapshot) is { } holder ? $"migrationhost {holder.Instance}"
        : thread.Words is not null || thread.Program?.StartsWith(MySqlSettings.Prefix, StringComparison.Ordinal) is true ? "migrationhost"
        : thread.Program ?? thread.Address;

    public static string State(MySqlThread thread, MySqlSnapshot snapshot, string? waitsFor)
    {
        string?[] parts =
        [
            Said(thread, snapshot)?.Doing ?? Doing(thread, waitsFor),
            thread.User is { } user ? $"user {user}{(thread.Address is { } address ? $" from {address}" : "")}" : null,
            thread.Database is { } database ? $"in database {database}" : null,
        ];
        return string.Join(", ", parts.OfType<string>());
    }

    /// <summary>What it is doing, without the name of anybody or anything.</summary>
    public static string AnonymousState(MySqlThread thread, bool waits) =>
        thread.Words is not null ? "migrates this database" : Doing(thread, waits ? "a lock" : null);

    /// <summary>A prepared transaction, which nobody holds any more.</summary>
    public static Blocker Prepared(MySqlHolder holder, MySqlSnapshot snapshot)
    {
        var age = snapshot.WithoutSession.Select(one => (long?)one.AgeMs).Max();
        var ago = age is { } ms ? $"prepared {Duration.Say(ms)} ago" : "prepared some time ago";
        return new Blocker
        {
            Pid = null,
            Program = "prepared transaction",
            Holds = "row locks",
            Resource = holder.RowOf ?? "this database",
            State = $"{holder.Prepared}, {ago}",
            AnonymousState = ago,
            ForMs = age,
            Hint = MySqlHolderRemedy.Settle(holder.Prepared),
        };
    }

    /// <summary><c>mysql (pid 4837)</c></summary>
    public static string Name(MySqlHolder holder) => holder.Thread is { } thread
        ? BlockerText.Who(thread.Program ?? thread.Address, thread.Id)
        : $"prepared transaction {holder.Prepared}".TrimEnd();

    /// <summary>What the instance that has the turn says of itself: at the side, where a session at work cannot.</summary>
    public static TurnHolder? Said(MySqlThread thread, MySqlSnapshot snapshot) =>
        (thread.Id == snapshot.Turn.Work && snapshot.Turn.Side is { } side ? snapshot.Find(side)?.Words?.Holder : null)
        ?? thread.Words?.Holder;

    private static string Doing(MySqlThread thread, string? waitsFor) => thread switch
    {
        _ when waitsFor is not null => $"waits itself{For(thread.StateMs)} for {waitsFor}{Transaction(thread)}",
        { IsIdle: true, Transaction: not null } => $"idle in a transaction{For(thread.StateMs)}{Transaction(thread)}",
        { IsIdle: true } => $"idle{For(thread.StateMs)}",
        _ => $"its statement has run{For(thread.StateMs)}{Transaction(thread)}",
    };

    private static string Transaction(MySqlThread thread) =>
        thread.Transaction is { } open && open.AgeMs > thread.StateMs + 1000 ? $", its transaction is {Duration.Say(open.AgeMs)} old" : "";

    private static string For(long milliseconds) => milliseconds > 0 ? $" for {Duration.Say(milliseconds)}" : "";
}
