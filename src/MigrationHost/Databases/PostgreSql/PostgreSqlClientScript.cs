using MigrationHost.Scripts;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>A script for psql.</summary>
/// <remarks><see href="https://www.postgresql.org/docs/current/app-psql.html"/></remarks>
internal sealed class PostgreSqlClientScript(IHistoryForm form, string table) : ClientScript(PostgreSqlDialect.Instance, form, table)
{
    public override string HowToRun(string file) => $"psql -X -f {file}";

    public override string Preamble => "\\set ON_ERROR_STOP on\n\\encoding UTF8\n";

    protected override string Now => "now()";

    public override string Begin(ScriptHeader header) => "BEGIN;\n";

    public override string After(ScriptHeader header) => "DISCARD ALL;\n";

    protected override string Bytes(byte[] value) => $"'\\x{Convert.ToHexStringLower(value)}'::bytea";

    protected override string Time(DateTime value) => $"{base.Time(value)}::timestamptz";
}
