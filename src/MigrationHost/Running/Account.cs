namespace MigrationHost.Running;

/// <summary>How much of a budget is spent.</summary>
/// <param name="Budget">The budget.</param>
/// <param name="Spent">Before the present stretch.</param>
internal sealed record Account(Budget Budget, TimeSpan Spent);
