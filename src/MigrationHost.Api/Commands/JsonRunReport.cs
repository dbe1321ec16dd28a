using System.Text.Json;
using System.Text.Json.Nodes;
using MigrationHost.Http;

namespace MigrationHost.Api.Commands;

/// <summary>One JSON object a line, for programs.</summary>
internal sealed class JsonRunReport : RunReport
{
    private static readonly TimeSpan TellEvery = TimeSpan.FromMilliseconds(250);

    private readonly Timer? _timer;
    private bool _over;

    /// <param name="state">The databases.</param>
    /// <param name="progress">Whether to tell the whole status at every new phase, and a few times a second how it goes on: what a host shows that migrates in this process.</param>
    public JsonRunReport(MigrationState state, bool progress) : base(state)
    {
        if (progress)
            _timer = new Timer(_ => Write(WriteProgress), null, TimeSpan.Zero, TellEvery);
    }

    public override void Dispose()
    {
        base.Dispose();
        _timer?.Dispose();
    }

    protected override void WriteApplied(DatabaseStatus status, AppliedMigration migration) =>
        Write("applied", status, ("migration", JsonSerializer.SerializeToNode(migration, StatusJson.Default.AppliedMigration)));

    protected override void WritePhase(DatabaseStatus status)
    {
        Write("phase", status, ("phase", status.Phase.ToString()));
        if (_timer is not null)
            WriteStatus("status", State.Current);
    }

    protected override void WriteBlocked(DatabaseStatus status) => Write(
        "blocked",
        status,
        ("waitingFor", status.WaitingFor is null ? null : JsonSerializer.SerializeToNode(status.WaitingFor, StatusJson.Default.WaitStatus)),
        ("blockers", JsonSerializer.SerializeToNode(status.Blockers, StatusJson.Default.IReadOnlyListBlocker)));

    protected override void WriteSummary(IReadOnlyList<MigrationError?> errors, int exitCode)
    {
        _over = true;
        var status = ErrorText.WithAllProblems(State.Current, errors);
        Console.Out.WriteLine(new JsonObject
        {
            ["event"] = "summary",
            ["exitCode"] = exitCode,
            ["status"] = JsonSerializer.SerializeToNode(status, StatusJson.Default.MigrationStatus),
        }.ToJsonString());
    }

    private void WriteProgress()
    {
        if (_over)
            return;
        var status = State.Current;
        WriteStatus("progress", status with { Databases = [.. status.Databases.Select(database => database with { Applied = [], Pending = [], Unknown = [], Changed = [] })] });
    }

    private static void WriteStatus(string name, MigrationStatus status) => Console.Out.WriteLine(new JsonObject
    {
        ["event"] = name,
        ["status"] = JsonSerializer.SerializeToNode(status, StatusJson.Default.MigrationStatus),
    }.ToJsonString());

    private static void Write(string name, DatabaseStatus status, params (string Key, JsonNode? Value)[] fields)
    {
        var line = new JsonObject { ["event"] = name, ["database"] = status.Name };
        foreach (var (key, value) in fields)
            line[key] = value;
        Console.Out.WriteLine(line.ToJsonString());
    }
}
