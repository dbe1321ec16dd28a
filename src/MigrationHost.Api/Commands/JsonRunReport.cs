using System.Text.Json;
using System.Text.Json.Nodes;
using MigrationHost.Http;

namespace MigrationHost.Api.Commands;

/// <summary>One JSON object a line, for programs.</summary>
internal sealed class JsonRunReport(MigrationState state) : RunReport(state)
{
    protected override void WriteApplied(DatabaseStatus status, AppliedMigration migration) =>
        Write("applied", status, ("migration", JsonSerializer.SerializeToNode(migration, StatusJson.Default.AppliedMigration)));

    protected override void WritePhase(DatabaseStatus status) => Write("phase", status, ("phase", status.Phase.ToString()));

    protected override void WriteBlocked(DatabaseStatus status) => Write(
        "blocked",
        status,
        ("waitingFor", status.WaitingFor is null ? null : JsonSerializer.SerializeToNode(status.WaitingFor, StatusJson.Default.WaitStatus)),
        ("blockers", JsonSerializer.SerializeToNode(status.Blockers, StatusJson.Default.IReadOnlyListBlocker)));

    protected override void WriteSummary(IReadOnlyList<MigrationError?> errors, int exitCode) => Console.Out.WriteLine(new JsonObject
    {
        ["event"] = "summary",
        ["exitCode"] = exitCode,
        ["status"] = JsonSerializer.SerializeToNode(State.Current, StatusJson.Default.MigrationStatus),
    }.ToJsonString());

    private static void Write(string name, DatabaseStatus status, params (string Key, JsonNode? Value)[] fields)
    {
        var line = new JsonObject { ["event"] = name, ["database"] = status.Name };
        foreach (var (key, value) in fields)
            line[key] = value;
        Console.Out.WriteLine(line.ToJsonString());
    }
}
