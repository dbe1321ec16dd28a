using MigrationHost.Scripts;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>A script for psql.</summary>
/// <param name="form">How the history is kept.</param>
/// <param name="table">The history's quoted name.</param>
/// <param name="settings">What the connection string asks of a session: tables of one tenant must not land in the schema of all.</param>
/// <remarks><see href="https://www.postgresql.org/docs/current/app-psql.html"/></remarks>
internal sealed class PostgreSqlClientScript(IHistoryForm form, string table, IReadOnlyDictionary<string, string> settings)
    : ClientScript(PostgreSqlDialect.Instance, form, table)
{
    public override string HowToRun(string file) => $"psql -X -d DATABASE -f {file}";

    public override string Preamble => "\\set ON_ERROR_STOP on\n\\encoding UTF8\n";

    protected override string Now => "now()";

    public override string Begin => "BEGIN;\n";

    public override string Before(ScriptHeader header)
    {
        var set = settings.Select(setting => $"PERFORM set_config({Quoted(setting.Key)}, {Quoted(setting.Value)}, false); ");
        return $"DO $settings$ BEGIN {string.Concat(set)}END $settings$;\n";
    }

    public override string After(ScriptHeader header) => "DISCARD ALL;\n";

    protected override string Bytes(byte[] value) => $"'\\x{Convert.ToHexStringLower(value)}'::bytea";

    protected override string Time(DateTime value) => $"{base.Time(value)}::timestamptz";
}
