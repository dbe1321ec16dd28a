using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;

namespace MigrationHost.Engines;

/// <summary>One database's settings on their way to a child process. They go through its environment, which only the same user can read: a command line is seen by all.</summary>
internal static class ChildConfiguration
{
    /// <summary>The environment variable. Where it is set, the program reads its whole configuration from it.</summary>
    public const string Variable = "MIGRATIONHOST_CONFIGURATION";

    // What a user cannot set: it follows from the whole configuration, of which the child gets one database.
    private const string Neighbours = "MigrationHostNeighbours";

    public static ChildDatabase Of(string name, DatabaseOptions options, SqlRules rules, Timeouts timeouts) => new(name, new JsonObject
    {
        [Neighbours] = new JsonObject { [name] = new JsonArray([.. rules.NeighbourHistories.Select(table => (JsonNode)table)]) },
        [MigrationHostOptions.SectionName] = new JsonObject
        {
            ["Databases"] = new JsonObject
            {
                [name] = new JsonObject
                {
                    [nameof(options.Provider)] = options.Provider.ToString(),
                    [nameof(options.ConnectionString)] = options.ConnectionString,
                    [nameof(options.Migrations)] = options.Migrations,
                    [nameof(options.AllowEmpty)] = Text(rules.AllowEmpty),
                    [nameof(options.AllowExistingTables)] = Text(rules.AllowExistingTables),
                    // What may be shown is decided by who shows it.
                    [nameof(options.ShowStatements)] = "true",
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

    /// <summary>Takes in what came with a child's settings.</summary>
    public static void ReadNeighbours(IConfiguration configuration, MigrationHostOptions options)
    {
        foreach (var database in configuration.GetSection(Neighbours).GetChildren())
        {
            if (options.Databases.TryGetValue(database.Key, out var known))
                known.NeighbourHistories = [.. database.GetChildren().Select(table => table.Value).OfType<string>()];
        }
    }

    private static string Text(bool flag) => flag ? "true" : "false";

    private static string Text(TimeSpan duration) => duration.ToString("c", CultureInfo.InvariantCulture);
}
