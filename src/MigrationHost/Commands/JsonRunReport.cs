using System.Text.Json;
using System.Text.Json.Nodes;
using MigrationHost.Http;
using MigrationHost.Running;

namespace MigrationHost.Commands;

/// <summary>One JSON object a line, for programs.</summary>
internal sealed class JsonRunReport(MigrationState state) : RunReport(state)
{
    protected override void WriteApplied(DatabaseStatus status, AppliedMigration migration) => Answer.WriteLine(JsonLines.Event(
        "applied",
        status.Name,
        ("migration", JsonSerializer.SerializeToNode(migration, StatusJson.Default.AppliedMigration))));

    protected override void WritePhase(DatabaseStatus status) => WriteProgress("phase", status, ("phase", status.Phase.ToString()));

    protected override void WriteBlocked(DatabaseStatus status) => WriteProgress(
        "blocked",
        status,
        ("waitingFor", status.WaitingFor is null ? null : JsonSerializer.SerializeToNode(status.WaitingFor, StatusJson.Default.WaitStatus)),
        ("blockers", JsonSerializer.SerializeToNode(status.Blockers, StatusJson.Default.IReadOnlyListBlocker)));

    protected override void WriteSummary(IReadOnlyList<MigrationError?> errors, int exitCode) =>
        Answer.WriteLine(JsonLines.Summary(State.Current, errors, exitCode));

    private static void WriteProgress(string name, DatabaseStatus status, params (string Key, JsonNode? Value)[] fields) =>
        Answer.Progress($"{name} {status.Name}", $"{JsonLines.Event(name, status.Name, fields)}\n");
}
