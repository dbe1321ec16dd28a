using System.Text.RegularExpressions;
using MigrationHost.Layouts;
using MigrationHost.Scripts;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace MigrationHost.EntityFramework;

/// <summary>The history that EF Core keeps: a row with the id of each migration. Its SQL is the context's own, so that a table of another
/// name, schema or form is what EF Core reads.</summary>
internal sealed partial class ContextHistory : IHistoryForm
{
    private readonly IReadOnlyList<string> _columns;
    private readonly string _create;
    private readonly Func<string, string> _insert;
    private readonly Func<string, string> _delete;

    public ContextHistory(DbContext context)
    {
        var options = RelationalOptionsExtension.Extract(context.GetService<IDbContextOptions>());
        var repository = context.GetService<IHistoryRepository>();
        Table = options.MigrationsHistoryTableName ?? HistoryRepository.DefaultTableName;
        Schema = options.MigrationsHistoryTableSchema;
        _create = repository.GetCreateIfNotExistsScript();
        _insert = id => repository.GetInsertScript(new Microsoft.EntityFrameworkCore.Migrations.HistoryRow(id, ProductInfo.GetVersion()));
        _delete = repository.GetDeleteScript;

        // A name in double quotes that is no column is a text to SQLite, unless its table stands before it.
        _columns = [.. ColumnsOf(_insert("")).Select(column => $"\"{Table.Replace("\"", "\"\"", StringComparison.Ordinal)}\".{column}")];
    }

    public string Table { get; }

    /// <summary>The table's schema; null for the connection's default.</summary>
    public string? Schema { get; }

    public string? Condition => $"{_columns[0]} = $1";

    public string Owner => "EF Core";

    public bool MarksBegun => false;

    public IHistoryForm? Journal => OwnHistory.Form;

    /// <remarks>It keeps out the ACCESS EXCLUSIVE of EF Core's own <c>Migrate</c>, and lets readers through.
    /// <see href="https://learn.microsoft.com/ef/core/managing-schemas/migrations/applying#migration-locking"/></remarks>
    public string LockMode => "SHARE UPDATE EXCLUSIVE";

    public string CreateFirst => _create;

    public IReadOnlyList<string> Columns(SqlDialect dialect) => _columns;

    public IEnumerable<HistoryEntry> Read(IReadOnlyList<Scripts.HistoryRow> rows) => rows.Select(row => Applied(row.Text(0)));

    public HistoryEntry Kept(HistoryEntry entry) => Applied(entry.Version);

    public IReadOnlyList<string> Companions { get; } = ["__EFMigrationsLock", Scripts.HistoryTable.Name];

    public IReadOnlyList<SqlCommand> Create(SqlDialect dialect, string table) => [_create];

    public IReadOnlyList<SqlCommand> Write(SqlDialect dialect, string table, HistoryEntry entry) => [Insert(entry.Version)];

    /// <summary>The SQL that records a migration.</summary>
    public string Insert(string id) => _insert(id);

    public SqlCommand Forget(string table, string version) => _delete(version);

    /// <summary>What the history says of a migration that is applied.</summary>
    public static HistoryEntry Applied(string id) => new()
    {
        Version = id,
        Description = MigrationName.Of(id),
        State = HistoryState.Applied,
    };

    // INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion") VALUES …
    private static IEnumerable<string> ColumnsOf(string insert) =>
        ColumnList().Match(insert) is { Success: true } list
            ? list.Groups["column"].Captures.Select(column => column.Value)
            : ["\"MigrationId\"", "\"ProductVersion\""];

    [GeneratedRegex("""\(\s*(?<column>"(?:[^"]|"")+")(?:\s*,\s*(?<column>"(?:[^"]|"")+"))*\s*\)""")]
    private static partial Regex ColumnList();
}
