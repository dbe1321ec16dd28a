namespace MigrationHost.Scripts;

/// <summary>The state of a history row, stored in lower case.</summary>
internal enum HistoryState
{
    /// <summary>Everything of it is committed.</summary>
    Applied,

    /// <summary>A script without transaction has begun and not finished: some statements may be done.</summary>
    Started,
}
