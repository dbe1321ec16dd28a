namespace MigrationHost.Running;

/// <summary>What a run is doing in a stretch of time.</summary>
internal enum ActivityKind
{
    /// <summary>It tries something that should return at once, such as opening a file. It shows once it takes as long as a stall.</summary>
    Trying,

    /// <summary>It works. The work shows once it takes as long as a stall.</summary>
    Working,

    /// <summary>Something was refused, or is not there yet: it waits, and shows that from the first moment.</summary>
    Waiting,
}
