namespace MigrationHost.Engines;

/// <summary>A setting of a database that only some engines use.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsSet">Whether it has another value than if it is left out.</param>
internal sealed record EngineSetting(string Name, Func<DatabaseOptions, bool> IsSet)
{
    /// <summary>Why another engine ignores it; null if it is simply not for that one.</summary>
    public string? WhyIgnored { get; init; }
}
