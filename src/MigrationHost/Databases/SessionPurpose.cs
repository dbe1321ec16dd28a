namespace MigrationHost.Databases;

/// <summary>What a session is opened for.</summary>
internal enum SessionPurpose
{
    /// <summary>To look: takes no write lock, creates no file, makes no checkpoint.</summary>
    Inspect,

    /// <summary>To migrate: creates the database once there is something to write.</summary>
    Migrate,

    /// <summary>
    /// To keep the turn while an external tool migrates: holds nothing on the database itself that could be in the tool's way.
    /// </summary>
    Turn,
}
