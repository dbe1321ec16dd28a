using MigrationHost.Scripts;

namespace MigrationHost.Databases.Sqlite;

/// <summary>A script for sqlite3.</summary>
/// <remarks><see href="https://www.sqlite.org/cli.html"/></remarks>
internal sealed class SqliteClientScript(IHistoryForm form, string table) : ClientScript(SqliteDialect.Instance, form, table)
{
    public override string HowToRun(string file) => $"sqlite3 DATABASE < {file}";

    public override string Preamble => ".bail on\nPRAGMA foreign_keys=OFF;\n";

    protected override string Now => "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')";

    public override string Begin => "BEGIN IMMEDIATE;\n";

    public override string Before(ScriptHeader header) => header.EnforceForeignKeys ? "PRAGMA foreign_keys=ON;\n" : "";

    public override string After(ScriptHeader header) => header.EnforceForeignKeys ? "PRAGMA foreign_keys=OFF;\n" : "";

    protected override string Bytes(byte[] value) => $"X'{Convert.ToHexString(value)}'";
}
