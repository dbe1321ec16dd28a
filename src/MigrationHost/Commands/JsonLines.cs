using System.Text.Json;
using System.Text.Json.Nodes;
using MigrationHost.Http;

namespace MigrationHost.Commands;

/// <summary>The JSON of commands that do something: one object a line, each with its <c>event</c>; the last is the summary, with the status
/// document.</summary>
internal static class JsonLines
{
    /// <summary>What has happened to a database.</summary>
    /// <param name="name">The kind of event.</param>
    /// <param name="database">The database's name.</param>
    /// <param name="fields">What belongs to it.</param>
    public static string Event(string name, string database, params ReadOnlySpan<(string Key, JsonNode? Value)> fields)
    {
        var line = new JsonObject { ["event"] = name, ["database"] = database };
        foreach (var (key, value) in fields)
            line[key] = value;
        return line.ToJsonString();
    }

    /// <summary>The last line.</summary>
    /// <param name="status">All databases.</param>
    /// <param name="errors">Why they are not as they should be, in their order; null for those that are.</param>
    /// <param name="exitCode">What the command will exit with.</param>
    public static string Summary(MigrationStatus status, IReadOnlyList<MigrationError?> errors, int exitCode) => new JsonObject
    {
        ["event"] = "summary",
        ["exitCode"] = exitCode,
        ["status"] = JsonSerializer.SerializeToNode(ErrorText.WithAllProblems(status, errors), StatusJson.Default.MigrationStatus),
    }.ToJsonString();

    /// <summary>What is wrong, in the form of a log that is JSON.</summary>
    public static string Complaint(string line) => new JsonObject
    {
        ["@t"] = TimeProvider.System.GetUtcNow().UtcDateTime,
        ["@m"] = line,
        ["@l"] = "Error",
    }.ToJsonString();

    /// <summary>A migration by its id.</summary>
    public static JsonObject Migration(string version, string description) =>
        new() { ["version"] = version, ["description"] = description };
}
