using MigrationHost.Platform;

namespace MigrationHost.Hosting;

/// <summary>Leaves the reason of a failure where the platform shows it.</summary>
internal static class LastWords
{
    /// <summary>Says of each database that failed why, and what to do.</summary>
    public static void Leave(MigrationStatus status)
    {
        var failed = status.Databases.Where(database => database.Error is not null).Select(Words).ToList();
        if (failed.Count > 0)
            TerminationLog.Write(failed);
    }

    private static string Words(DatabaseStatus database) =>
        $"{database.Name}: {StatusSentence.Of(database)}{(database.Error?.Hint is { } hint ? $". Remedy: {hint}" : "")}";
}
