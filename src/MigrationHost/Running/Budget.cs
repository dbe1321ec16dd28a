namespace MigrationHost.Running;

/// <summary>
/// Time that a run may spend on something, in one stretch or in many. Two budgets are the same only if they are one object.
/// </summary>
/// <param name="limit">How much there is of it.</param>
/// <param name="whenOver">The failure that the run ends with once it is used up.</param>
internal sealed class Budget(TimeSpan limit, MigrationErrorCode whenOver)
{
    public TimeSpan Limit => limit;

    public MigrationErrorCode WhenOver => whenOver;
}
