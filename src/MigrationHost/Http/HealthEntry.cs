using System.Text.Json.Serialization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MigrationHost.Http;

/// <summary>One database's part of a health answer.</summary>
internal sealed record HealthEntry(
    [property: JsonConverter(typeof(JsonStringEnumConverter<HealthStatus>))] HealthStatus Status,
    string Description);
