namespace MigrationHost;

/// <summary>What an operator should know of files and history although it stops nothing.</summary>
/// <param name="Message">What it is.</param>
/// <param name="Remedy">What to do about it.</param>
internal sealed record PlanWarning(string Message, string Remedy)
{
    /// <summary>Whether <c>doctor</c> takes it for a problem, whatever the database has.</summary>
    public bool IsProblem { get; init; }
}
