namespace MigrationHost.Databases.MySql;

/// <summary>One transaction waits for a row that another has locked.</summary>
/// <param name="Waiter">The connection that waits.</param>
/// <param name="Blocker">The connection in the way; 0 for a prepared transaction without a session.</param>
/// <param name="Table">The table, as InnoDB names it.</param>
internal sealed record MySqlRowWait(int Waiter, int Blocker, string Table);
