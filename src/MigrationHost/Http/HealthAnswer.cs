using System.Text.Json.Serialization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MigrationHost.Http;

/// <summary>What a health endpoint answers.</summary>
internal sealed record HealthAnswer(
    [property: JsonConverter(typeof(JsonStringEnumConverter<HealthStatus>))] HealthStatus Status,
    IReadOnlyDictionary<string, HealthEntry> Entries)
{
    public HealthCheckResult ToResult() =>
        new(Status, string.Join(" | ", Entries.Select(entry => $"{entry.Key}: {entry.Value.Description}")));
}
