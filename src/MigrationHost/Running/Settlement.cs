namespace MigrationHost.Running;

/// <summary>What <c>resolve</c> makes true of a migration.</summary>
internal enum Settlement
{
    /// <summary>One that broke outside a transaction counts as done: the rest was done by hand.</summary>
    Applied,

    /// <summary>The attempt at it is forgotten: the next start runs it from its first statement.</summary>
    Retry,

    /// <summary>Its file has changed since it was applied, and counts as what was applied.</summary>
    Changed,
}
