using System.Globalization;
using MigrationHost.Scripts;

namespace MigrationHost.Databases.MySql;

/// <summary>A script for the server's own client, which stops at the first error by itself.</summary>
/// <param name="form">How the history is kept.</param>
/// <param name="table">The history's quoted name.</param>
/// <param name="database">The database.</param>
/// <remarks><see href="https://mariadb.com/kb/en/mariadb-command-line-client/"/></remarks>
internal sealed class MySqlClientScript(IHistoryForm form, string table, string database) : ClientScript(MySqlDialect.Instance, form, table)
{
    private static readonly string[] Delimiters = ["//", "$$", ";;", "%%%%"];

    public override string HowToRun(string file) => $"mariadb {database} < {file}  (or: mysql {database} < {file})";

    public override string Preamble => $"SET NAMES utf8mb4;\nUSE {MySqlName.Quoted(database)};\n";

    protected override string Now => "UTC_TIMESTAMP(3)";

    public override string Begin => "START TRANSACTION;\n";

    // A script may have changed both.
    public override string Before(ScriptHeader header) => "DELIMITER ;\n";

    /// <remarks>The server keeps the body of a routine together, as we do; its client cuts it, unless the script tells it not to. Such a
    /// script need not put the delimiter back, and the row of the history would not be written.</remarks>
    public override string Statements(string sql)
    {
        if (MySqlSplitter.DelimiterBehind(sql) is { } left)
            return $"{sql}\n{left}\nDELIMITER ;";
        var statements = MySqlSplitter.Split(sql, escapes: true, (_, _, _) => { });
        if (!statements.Exists(statement => statement.HasBody && statement.Text.Contains(';', StringComparison.Ordinal)))
            return sql;
        var delimiter = Array.Find(Delimiters, one => !sql.Contains(one, StringComparison.Ordinal)) ?? Delimiters[0];
        return $"DELIMITER {delimiter}\n{string.Concat(statements.Select(statement => $"{statement.Text}\n{delimiter}\n"))}DELIMITER ;";
    }

    public override string After(ScriptHeader header) => $"USE {MySqlName.Quoted(database)};\n";

    /// <remarks>The server or the script may forbid to remove a row that no key leads to.</remarks>
    public override string Record(HistoryEntry entry) =>
        base.Record(entry) is var rows && rows.Contains("DELETE FROM", StringComparison.Ordinal)
            ? $"{MySqlSql.AnyRow};\n{rows}"
            : rows;

    protected override string Text(string value) =>
        value.Contains('\\', StringComparison.Ordinal) ? MySqlText.Literal(value) : base.Text(value);

    protected override string Bytes(byte[] value) => $"X'{Convert.ToHexString(value)}'";

    protected override string Time(DateTime value) => Quoted(value.ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture));
}
