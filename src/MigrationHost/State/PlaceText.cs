namespace MigrationHost;

/// <summary>Where a database is on the way through its migrations, in words.</summary>
internal static class PlaceText
{
    /// <summary><c>at 3</c>, or <c>empty</c> if nothing is applied.</summary>
    public static string At(string? current) => current is null ? "empty" : $"at {current}";

    /// <summary><c>ready at 3</c></summary>
    public static string Ready(string? current) => current is null ? "ready, without any migration" : $"ready at {current}";

    /// <summary><c>at 3 of 7</c>; also if the database is ahead of the files, or there are none.</summary>
    public static string Of(DatabaseStatus status) => (status.Current, status.Latest) switch
    {
        (var current, null) => $"{At(current)}, the folder has no migrations",
        (null, var latest) => $"empty, latest is {latest}",
        var (current, latest) when status.Unknown.Any(unknown => unknown.Version == current)
            => $"at {current}, these files end at {latest}",
        var (current, latest) => $"at {current} of {latest}",
    };

    /// <summary><c>2 fill (begun: 1 statement done)</c></summary>
    public static string Of(PendingMigration pending) => $"{pending.Version} {pending.Description}{Begun(pending)}";

    /// <summary><c> (begun: 1 statement done)</c>; nothing if it is not begun.</summary>
    public static string Begun(PendingMigration pending) => pending.StatementsDone is { } done ? $" (begun: {Done(done)})" : "";

    /// <summary><c>1 statement done</c></summary>
    public static string Done(int statements) => statements == 0 ? "no statement recorded as done" : $"{Statements(statements)} done";

    /// <summary>How many statements, in words.</summary>
    public static string Statements(int statements) => statements == 1 ? "1 statement" : $"{statements} statements";

    /// <summary>How many migrations, in words.</summary>
    public static string Count(int migrations) => migrations == 1 ? "1 migration" : $"{migrations} migrations";
}
