using System.Globalization;
using System.Text.Json.Nodes;

namespace MigrationHost.Engines;

/// <summary>One database's settings on their way to a child process. They go through its environment, which only the same user can read: a command line is seen by all.</summary>
internal static class ChildConfiguration
{
    /// <summary>The environment variable. Where it is set, the program reads its whole configuration from it.</summary>
    public const string Variable = "MIGRATIONHOST_CONFIGURATION";

    public static ChildDatabase Of(string name, DatabaseOptions options, Timeouts timeouts) => new(name, new JsonObject
    {
        [MigrationHostOptions.SectionName] = new JsonObject
        {
            ["Databases"] = new JsonObject
            {
                [name] = new JsonObject
                {
                    [nameof(options.Provider)] = options.Provider.ToString(),
                    [nameof(options.ConnectionString)] = options.ConnectionString,
                    [nameof(options.Migrations)] = options.Migrations,
                    // Its log becomes ours.
                    [nameof(options.ShowStatements)] = options.ShowStatements,
                    [nameof(options.Timeouts)] = new JsonObject
                    {
                        [nameof(timeouts.DatabaseWait)] = Text(timeouts.DatabaseWait),
                        [nameof(timeouts.Turn)] = Text(timeouts.Turn),
                        [nameof(timeouts.Lock)] = Text(timeouts.Lock),
                        [nameof(timeouts.LockAttempt)] = Text(timeouts.LockAttempt),
                        [nameof(timeouts.Migration)] = Text(timeouts.Migration),
                        [nameof(timeouts.StallAfter)] = Text(timeouts.StallAfter),
                        [nameof(timeouts.Grace)] = Text(timeouts.Grace),
                    },
                },
            },
        },
    }.ToJsonString());

    private static string Text(TimeSpan duration) => duration.ToString("c", CultureInfo.InvariantCulture);
}
