namespace MigrationHost.Databases.MySql;

/// <summary>A transaction of InnoDB.</summary>
/// <param name="Thread">The connection it is open on; 0 for one that was prepared (XA) and whose session is gone.</param>
/// <param name="IsWaiting">Whether it waits for a row.</param>
/// <param name="AgeMs">How old it is, in milliseconds.</param>
/// <param name="Rows">How many rows it has changed.</param>
internal sealed record MySqlOpenTransaction(int Thread, bool IsWaiting, long AgeMs, long Rows);
