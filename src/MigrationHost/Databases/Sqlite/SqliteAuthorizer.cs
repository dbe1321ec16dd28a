using MigrationHost.Platform;
using MigrationHost.Scripts;
using SQLitePCL;

namespace MigrationHost.Databases.Sqlite;

/// <summary>
/// Learns at compile time what a script's statements will do, refuses what would break the run's promises, and
/// remembers the rest. No SQL text is parsed for it.
/// </summary>
/// <remarks>
/// It judges only while one of the script's statements is being compiled: VACUUM asks it for a transaction of its own while it runs.
/// </remarks>
internal sealed class SqliteAuthorizer
{
    private static readonly string[] NoSuchTable = ["no such table: ", "no such table: main."];

    private readonly Dictionary<string, HashSet<string>> _touched = new(StringComparer.OrdinalIgnoreCase);
    private readonly delegate_authorizer _callback;
    private readonly string _history;
    private ScriptHeader? _judging;
    private RawSqlite? _sqlite;

    /// <param name="history">The table that no script may change.</param>
    public SqliteAuthorizer(string history) => (_callback, _history) = (Judge, history);

    /// <summary>Why the last refused statement was refused.</summary>
    public string? Refusal { get; private set; }

    /// <summary>What to do instead.</summary>
    public string? Remedy { get; private set; }

    /// <summary>The pragma that the last statement sets or asks for; null if it is another statement.</summary>
    public string? Pragma { get; private set; }

    /// <summary>What that pragma is set to; null if it only asks.</summary>
    public string? Setting { get; private set; }

    /// <summary>Whether the last statement lets others change the schema by hand: the name of a table then says nothing any more.</summary>
    public bool MayWriteToSchema => Pragma == "writable_schema";

    /// <summary>
    /// Whether a statement changed the session itself (PRAGMA, ATTACH, temporary objects), so that the next script needs a fresh one.
    /// </summary>
    public bool ChangedSession { get; private set; }

    /// <summary>Tables whose rows or definition were changed, with the columns that were updated; <c>*</c> means whole rows.</summary>
    public IReadOnlyDictionary<string, HashSet<string>> Touched => _touched;

    /// <summary>Runs a compilation of the script's own under judgement.</summary>
    public T Watch<T>(RawSqlite sqlite, ScriptHeader header, Func<T> compile)
    {
        Refusal = Remedy = Pragma = Setting = null;
        sqlite.Ask(_callback);
        (_judging, _sqlite) = (header, sqlite);
        try
        {
            return compile();
        }
        finally
        {
            _judging = null;
        }
    }

    /// <summary>Why a statement fails that means the history before there is one; null if that is not why.</summary>
    public string? WithoutHistory(SqliteFailure failure) =>
        NoSuchTable.Any(says => failure.Message.Equals(says + _history, StringComparison.OrdinalIgnoreCase))
            ? $"{HistoryTable.NotForScripts(_history)}; it is made when the first one is recorded"
            : null;

    private int Judge(object user, int action, utf8z first, utf8z second, utf8z database, utf8z trigger)
    {
        if (_judging is null)
            return raw.SQLITE_OK;
        if (action == raw.SQLITE_PRAGMA)
            (Pragma, Setting) = (Text(first).ToLowerInvariant(), second.utf8_to_string());
        if (ChangesHistory(action, first, second))
            return Refuse($"{HistoryTable.NotForScripts(_history)}{Through(Text(trigger))}", HistoryTable.UseResolve);
        switch (action)
        {
            case raw.SQLITE_TRANSACTION:
                return Refuse(TransactionControl.Refusal(Text(first)), TransactionControl.Remedy(_judging));
            case raw.SQLITE_PRAGMA when _judging is { EnforceForeignKeys: true, WithoutTransaction: false }
                && Is(first, "foreign_keys") && second.utf8_to_string() is not null:
                return Refuse(
                    "PRAGMA foreign_keys does nothing inside a transaction, and this script runs with foreign-keys=on",
                    "Remove the pragma, or remove foreign-keys=on: "
                        + "enforcement is then off while the script runs, and violations are found before the commit.");
            case raw.SQLITE_PRAGMA when !_judging.WithoutTransaction && Is(first, "journal_mode") && second.utf8_to_string() is not null:
                return Refuse(
                    "PRAGMA journal_mode changes nothing inside a transaction, and says nothing about it",
                    "Put it into a migration of its own whose first line is: -- migrationhost: transaction=none");
            case raw.SQLITE_PRAGMA when Is(first, "query_only") && second.utf8_to_string() is not null:
                return Refuse(
                    "PRAGMA query_only would keep the migration's own row from being written",
                    "Remove the pragma: it affects one connection only, and this one is closed after the run.");
            case raw.SQLITE_ATTACH when IsOwnFile(Text(first)):
                return Refuse(
                    "attaches the database's own file under a second name, and would wait for itself",
                    "Leave out the ATTACH: all that is in the file is in 'main' already.");
            case raw.SQLITE_PRAGMA or raw.SQLITE_ATTACH or raw.SQLITE_DETACH
                or raw.SQLITE_CREATE_TEMP_TABLE or raw.SQLITE_CREATE_TEMP_INDEX
                or raw.SQLITE_CREATE_TEMP_TRIGGER or raw.SQLITE_CREATE_TEMP_VIEW:
                ChangedSession = true;
                break;
            case raw.SQLITE_INSERT or raw.SQLITE_DELETE or raw.SQLITE_DROP_TABLE:
                Touch(Text(first), "*");
                break;
            case raw.SQLITE_ALTER_TABLE:
                Touch(Text(second), "*");
                break;
            case raw.SQLITE_UPDATE:
                Touch(Text(first), Text(second));
                break;
        }
        return raw.SQLITE_OK;
    }

    // A trigger that changes it on behalf of another table is judged when the statement is compiled that fires it: then too the history's
    // name is the one that is written to.
    private bool ChangesHistory(int action, utf8z first, utf8z second) => action switch
    {
        raw.SQLITE_INSERT or raw.SQLITE_UPDATE or raw.SQLITE_DELETE or raw.SQLITE_DROP_TABLE or raw.SQLITE_DROP_VIEW
            or raw.SQLITE_CREATE_TABLE or raw.SQLITE_CREATE_TEMP_TABLE or raw.SQLITE_CREATE_VTABLE
            or raw.SQLITE_CREATE_VIEW or raw.SQLITE_CREATE_TEMP_VIEW
            => Is(first, _history),
        raw.SQLITE_ALTER_TABLE or raw.SQLITE_CREATE_TRIGGER or raw.SQLITE_CREATE_TEMP_TRIGGER
            or raw.SQLITE_CREATE_INDEX or raw.SQLITE_DROP_INDEX
            => Is(second, _history),
        _ => false,
    };

    // A path, or an address (https://www.sqlite.org/uri.html).
    private bool IsOwnFile(string attached)
    {
        var path = attached.StartsWith("file:", StringComparison.Ordinal) ? attached[5..].Split('?')[0] : attached;
        return FileIdentity.Of(path) is { } file && file == FileIdentity.Of(_sqlite!.Path);
    }

    private static string Through(string trigger) => trigger.Length > 0 ? $" (through {trigger})" : "";

    private int Refuse(string why, string remedy)
    {
        (Refusal, Remedy) = (why, remedy);
        return raw.SQLITE_DENY;
    }

    private void Touch(string table, string column)
    {
        if (table.StartsWith("sqlite_", StringComparison.OrdinalIgnoreCase))
            return;
        if (!_touched.TryGetValue(table, out var columns))
            _touched[table] = columns = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        columns.Add(column);
    }

    private static bool Is(utf8z text, string name) => name.Equals(text.utf8_to_string(), StringComparison.OrdinalIgnoreCase);

    private static string Text(utf8z text) => text.utf8_to_string() ?? "";
}
