using System.Text.Json.Serialization;

namespace MigrationHost.Child;

/// <summary>One line of a child process: exactly one of these, and what belongs to it.</summary>
internal sealed record ChildMessage
{
    /// <summary>The whole status, at every new phase.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DatabaseStatus? Status { get; init; }

    /// <summary>With a whole status: how many were applied before this start; null if that is not known yet.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? AppliedBefore { get; init; }

    /// <summary>The status without its lists, a few times a second: also the sign that the child is alive.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DatabaseStatus? Progress { get; init; }

    /// <summary>The first pending migration was committed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public AppliedMigration? Applied { get; init; }

    /// <summary>A line of the child's log.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ChildLogLine? Log { get; init; }

    /// <summary>The whole status at the end, with the error if there was one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DatabaseStatus? Summary { get; init; }

    /// <summary>Settings that the child does not accept; nothing was done.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Refused { get; init; }
}
