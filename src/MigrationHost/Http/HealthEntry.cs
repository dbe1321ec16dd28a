using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MigrationHost.Http;

/// <summary>One database's part of a health answer.</summary>
internal sealed record HealthEntry(HealthStatus Status, string Description);
