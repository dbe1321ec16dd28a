namespace MigrationHost.Commands;

/// <summary>A failure as the command line reports it.</summary>
internal static class ErrorText
{
    /// <summary>Whether it was found out what is applied and pending.</summary>
    public static bool IsKnown(DatabaseStatus status) => status.AppliedCount + status.PendingCount > 0;

    /// <summary>The status with every problem of every database. What a host answers over HTTP has the first ones only.</summary>
    public static MigrationStatus WithAllProblems(MigrationStatus status, IReadOnlyList<MigrationError?> errors) => status with
    {
        Databases = [.. status.Databases.Zip(errors, WithAllProblems)],
    };

    /// <summary>Its lines; that of the message may have several itself.</summary>
    public static IEnumerable<string> Of(DatabaseStatus status, MigrationError error)
    {
        var database = status.Name;
        yield return $"{database}  failed: {error.Code}: {error.Message}";
        if (error.Statement is not null)
            yield return $"{database}  statement: {error.Statement}";
        // What any tool has done, only the tool knows.
        if (IsKnown(status) && status.Traits.KnowsMigrations
            && error.Code is MigrationErrorCode.MigrationFailed
                or MigrationErrorCode.DeadlineExceeded
                or MigrationErrorCode.Blocked
                or MigrationErrorCode.Interrupted)
            yield return $"{database}  applied: "
                + $"{(error.Applied.Count == 0 ? "nothing" : $"up to {error.Applied[^1]}, {error.Applied.Count} in all")}";
        if (error.Hint is not null)
            yield return $"{database}  remedy: {error.Hint}";
    }

    private static DatabaseStatus WithAllProblems(DatabaseStatus status, MigrationError? error) =>
        error is null || status.Error is null ? status : status with { Error = status.Error with { Problems = error.Problems } };
}
