using System.Text.Json.Serialization;

namespace MigrationHost;

/// <summary>The kind of a failure. Each has an exit code of its own.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MigrationErrorCode>))]
public enum MigrationErrorCode
{
    /// <summary>Settings or usage are invalid. Exit code 2.</summary>
    InvalidConfiguration,

    /// <summary>The database cannot be reached, is not a database, is encrypted or not writable. Exit code 3.</summary>
    DatabaseUnreachable,

    /// <summary>A migration failed and was rolled back. Exit code 4.</summary>
    MigrationFailed,

    /// <summary>A lock was not granted within its time. Exit code 5.</summary>
    Blocked,

    /// <summary>A migration ran longer than allowed and was cancelled. Exit code 6.</summary>
    DeadlineExceeded,

    /// <summary>The migration files are wrong, or they, the history and the database do not belong together. Exit code 7.</summary>
    HistoryMismatch,

    /// <summary>An external tool failed, or said it succeeded and the database says otherwise. Exit code 8.</summary>
    ToolFailed,

    /// <summary>The process was told to stop before the target was reached. Exit code 130 after SIGINT, 143 after SIGTERM.</summary>
    Interrupted,

    /// <summary>A defect in MigrationHost; the log has the stack trace. Exit code 1.</summary>
    Unexpected,
}
