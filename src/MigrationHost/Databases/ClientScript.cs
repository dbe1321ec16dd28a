using System.Globalization;
using MigrationHost.Scripts;

namespace MigrationHost.Databases;

/// <summary>What of a run is written differently for the command-line client of each kind of database.</summary>
/// <param name="dialect">How the database writes.</param>
/// <param name="form">How the history is kept.</param>
/// <param name="table">The history's quoted name.</param>
internal abstract class ClientScript(SqlDialect dialect, IHistoryForm form, string table)
{
    /// <summary>How the client runs a file.</summary>
    /// <param name="file">The file.</param>
    public abstract string HowToRun(string file);

    /// <summary>What stands before everything: the client stops at the first error.</summary>
    public abstract string Preamble { get; }

    /// <summary>Puts the session as a run has it.</summary>
    public abstract string Before(ScriptHeader header);

    /// <summary>Begins the transaction of a migration.</summary>
    public abstract string Begin { get; }

    /// <summary>The text of a migration as the client has to read it.</summary>
    public virtual string Statements(string sql) => sql;

    /// <summary>Puts the session back after a migration.</summary>
    public abstract string After(ScriptHeader header);

    /// <summary>The time at which the statement runs, as a value for the history.</summary>
    protected abstract string Now { get; }

    protected abstract string Bytes(byte[] value);

    protected virtual string Text(string value) => Quoted(value);

    protected virtual string Time(DateTime value) => Quoted(value.ToString("O", CultureInfo.InvariantCulture));

    /// <summary>Makes the history, where it is not there.</summary>
    public string Create() => Join(form.Create(dialect, table).Select(command => IfMissing(command.Text)));

    /// <summary>Records an applied migration.</summary>
    /// <param name="entry">What to record. Its time is that of the moment in which the script runs.</param>
    public virtual string Record(HistoryEntry entry) =>
        Join(form.Write(dialect, table, entry).Select(command => Inline(command, dialect.ToValue(entry.AppliedAt!.Value))));

    protected static string Quoted(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    private static string Join(IEnumerable<string> statements) =>
        string.Concat(statements.Select(statement => $"{statement.TrimEnd().TrimEnd(';')};\n"));

    private static string IfMissing(string statement)
    {
        foreach (var kind in new[] { "CREATE TABLE ", "CREATE INDEX ", "CREATE UNIQUE INDEX " })
        {
            if (statement.StartsWith(kind, StringComparison.Ordinal) && !statement.AsSpan(kind.Length).StartsWith("IF NOT EXISTS"))
                return $"{kind}IF NOT EXISTS {statement[kind.Length..]}";
        }
        return statement;
    }

    private string Inline(SqlCommand command, object now) =>
        command.Filled(value => Equals(value, now) ? Now : Literal(value));

    private string Literal(object? value) => value switch
    {
        null => "NULL",
        bool flag => flag ? "TRUE" : "FALSE",
        byte[] bytes => Bytes(bytes),
        DateTime time => Time(time),
        string text => Text(text),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new NotSupportedException(value.GetType().Name),
    };
}
