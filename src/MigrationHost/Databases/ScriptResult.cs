namespace MigrationHost.Databases;

/// <summary>How the run of a script ended, short of an error.</summary>
internal enum ScriptResult
{
    /// <summary>Every statement was executed.</summary>
    Done,

    /// <summary>Somebody else's lock was in the way; the transaction is to be rolled back and begun again after a pause.</summary>
    LockNotGranted,

    /// <summary>The transaction is to be rolled back and begun again at once.</summary>
    StartOver,
}
