namespace MigrationHost.Scripts;

/// <summary>How it is kept what was applied: a table, what its rows mean, and the SQL that writes them. It knows neither where migrations
/// come from nor which connection it is written through.</summary>
internal interface IHistoryForm
{
    /// <summary>Whose form it is, for messages.</summary>
    string Owner { get; }

    /// <summary>The table's name, not quoted and without its schema.</summary>
    string Table { get; }

    /// <summary>The schema that has the table, not quoted; null for the connection's default.</summary>
    string? Schema => null;

    /// <summary>The columns that are read, in this order; the first is never null. A table of the name that lacks one is somebody
    /// else's.</summary>
    IReadOnlyList<string> Columns(SqlDialect dialect);

    /// <summary>A column that tables of an earlier release lack; it is read behind the others where it is there. Null: there is
    /// none.</summary>
    string? LateColumn => null;

    /// <summary>Adds <see cref="LateColumn"/> to a table that lacks it, if an entry needs it.</summary>
    /// <param name="dialect">How the database writes.</param>
    /// <param name="table">The table's quoted name, with its schema.</param>
    /// <param name="entry">What is to be recorded.</param>
    SqlCommand? AddColumn(SqlDialect dialect, string table, HistoryEntry entry) => null;

    /// <summary>What rows to look at for one migration: a condition on <c>$1</c>, its id as text; null for all.</summary>
    string? Condition { get; }

    /// <summary>The form that keeps how far a script outside a transaction is, where this one cannot say it; null where it can.</summary>
    IHistoryForm? Journal => null;

    /// <summary>The mode of the lock on the table that a transaction of ours holds on PostgreSQL.</summary>
    string LockMode => "ROW EXCLUSIVE";

    /// <summary>What makes the table in a transaction of its own, before the first migration of all, if its tool locks the table and so
    /// has to find it; null to make it together with the first row. More than one statement, each of which does nothing if it is done
    /// already.</summary>
    string? CreateFirst => null;

    /// <summary>Other tables that its tool makes: a database that has these alone is empty.</summary>
    IReadOnlyList<string> Companions => [];

    /// <summary>Whether a baseline records the repeatable migrations, too.</summary>
    bool RecordsRepeatables => false;

    /// <summary>Whether this form, too, says of a migration that it was begun and is not finished.</summary>
    bool MarksBegun { get; }

    /// <summary>The advisory locks (PostgreSQL) that the tool itself has while it works: we have them too, so that it and we exclude each
    /// other.</summary>
    /// <param name="database">The database's name.</param>
    /// <param name="schema">The schema that has the table.</param>
    IReadOnlyList<long> Locks(string database, string schema) => [];

    /// <summary>The same by name (GET_LOCK of MySQL and MariaDB).</summary>
    /// <inheritdoc cref="Locks"/>
    IReadOnlyList<string> NamedLocks(string database, string schema) => [];

    /// <summary>The table in which the tool has a row while it works, and the condition of a row that still counts: it is waited for. On
    /// PostgreSQL our transactions lock that table, so that the tool cannot begin. Null if it has none.</summary>
    /// <param name="dialect">How the database writes.</param>
    (string Table, string Counts)? LockRows(SqlDialect dialect) => null;

    /// <summary>What rows mean.</summary>
    /// <exception cref="MigrationException">A row is not one of this form.</exception>
    IEnumerable<HistoryEntry> Read(IReadOnlyList<HistoryRow> rows);

    /// <summary>What is read back of an entry that was written, the time it was applied left aside.</summary>
    HistoryEntry Kept(HistoryEntry entry) => entry;

    /// <summary>Makes the table.</summary>
    /// <param name="dialect">How the database writes.</param>
    /// <param name="table">The table's quoted name, with its schema.</param>
    IReadOnlyList<SqlCommand> Create(SqlDialect dialect, string table);

    /// <summary>Records a migration, in place of what is recorded of it already. Each command changes one row at most.</summary>
    /// <inheritdoc cref="Create"/>
    /// <param name="dialect">How the database writes.</param>
    /// <param name="table">The table's quoted name, with its schema.</param>
    /// <param name="entry">What to record.</param>
    IReadOnlyList<SqlCommand> Write(SqlDialect dialect, string table, HistoryEntry entry);

    /// <summary>Records a migration of which nothing is recorded yet.</summary>
    /// <inheritdoc cref="Write"/>
    IReadOnlyList<SqlCommand> Add(SqlDialect dialect, string table, HistoryEntry entry) => Write(dialect, table, entry);

    /// <summary>Puts another checksum into the row of an applied migration and leaves the rest of it. Only for a form that keeps
    /// one.</summary>
    /// <inheritdoc cref="Write"/>
    IReadOnlyList<SqlCommand> Correct(SqlDialect dialect, string table, HistoryEntry entry) => Write(dialect, table, entry);

    /// <summary>Takes back what is recorded of a migration.</summary>
    /// <param name="table">The table's quoted name, with its schema.</param>
    /// <param name="version">The migration's id.</param>
    SqlCommand Forget(string table, string version);
}
