using System.Text.Json.Serialization;

namespace MigrationHost;

/// <summary>
/// Where a database stands on its way to ready, ordered from least to most advanced: of several databases,
/// the lowest value is the whole service's phase.
/// </summary>
[JsonConverter(typeof(JsonStringEnumConverter<MigrationPhase>))]
public enum MigrationPhase
{
    /// <summary>
    /// A cancelled migration did not let go within its grace. Nothing more happens to this database in this process; a restart is the cure.
    /// </summary>
    Abandoned,

    /// <summary>
    /// The last attempt ended with an error. Another attempt follows only if <see cref="DatabaseStatus.NextAttemptAt"/> says so.
    /// </summary>
    Failed,

    /// <summary>No run is under way: the process is stopping, or was only asked for the status.</summary>
    Stopped,

    /// <summary>The migration files are being read and checked. No database has been touched yet.</summary>
    Starting,

    /// <summary>The database is being opened and its history read. Nothing is written.</summary>
    Connecting,

    /// <summary>Another instance of ours has the turn. Nothing is written.</summary>
    WaitingForTurn,

    /// <summary>Migrations are being applied, or wait for a lock that someone else holds.</summary>
    Migrating,

    /// <summary>Everything is committed and is being read back.</summary>
    Verifying,

    /// <summary>The schema is at the target and was verified. The only phase that lets traffic in.</summary>
    Ready,
}
