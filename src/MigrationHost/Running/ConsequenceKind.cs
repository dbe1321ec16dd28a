namespace MigrationHost.Running;

/// <summary>What has become of a migration.</summary>
internal enum ConsequenceKind
{
    /// <summary>The history could not be read, or a session that may still commit it is at work.</summary>
    Unknown,

    /// <summary>None of it is there.</summary>
    RolledBack,

    /// <summary>All of it is there.</summary>
    Committed,

    /// <summary>It runs without a transaction, and not all of it is done.</summary>
    Begun,

    /// <summary>It runs without a transaction, and the history says nothing of it: it was not begun, or somebody has removed its
    /// row.</summary>
    Unrecorded,
}
