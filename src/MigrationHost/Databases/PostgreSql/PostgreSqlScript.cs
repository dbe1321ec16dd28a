using System.Text;
using MigrationHost.Scripts;
using Npgsql;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>A script, cut into statements and checked for what only psql could do.</summary>
internal sealed class PostgreSqlScript
{
    private readonly MigrationScript _script;

    private PostgreSqlScript(MigrationScript script, IReadOnlyList<PostgreSqlStatement> statements) => (_script, All) = (script, statements);

    public IReadOnlyList<PostgreSqlStatement> All { get; }

    /// <param name="script">The script.</param>
    /// <param name="text">Its text.</param>
    /// <param name="standardStrings">The server's standard_conforming_strings.</param>
    /// <param name="history">The schema of the history.</param>
    /// <exception cref="MigrationException">It says something that a server does not take, or that would break the run's promises.</exception>
    public static PostgreSqlScript Read(MigrationScript script, ScriptText text, bool standardStrings, string history)
    {
        MigrationError? error = null;
        var statements = PostgreSqlSplitter.Split(
            Encoding.UTF8.GetString(text.Utf8),
            (line, message, remedy) => error ??= ScriptFailure.At(script, line, default, message, remedy) with { Statement = null },
            standardStrings);
        var read = new PostgreSqlScript(script, statements);
        if (error is not null)
            throw new MigrationException(error);
        foreach (var statement in statements)
        {
            if (ScriptRefusals.Of(statement, history) is var (message, remedy))
                throw read.Failed(statement, message, remedy);
        }
        return read;
    }

    /// <summary>
    /// What comes behind a statement that has changed the encoding, in whatever way, would be stored as other characters.
    /// </summary>
    /// <exception cref="MigrationException">It has.</exception>
    public void RefuseOtherEncoding(PostgreSqlStatement statement, PostgreSqlConnection work)
    {
        if (!work.SpeaksUtf8)
            throw Failed(statement, ScriptRefusals.ChangesEncoding, PostgreSqlEncoding.Remedy);
    }

    /// <summary>The server refused a statement: the line is the one it points at.</summary>
    public MigrationException Failed(PostgreSqlStatement statement, PostgresException refused, string? hint = null)
    {
        var offset = Math.Clamp(refused.Position - 1, 0, statement.Text.Length);
        var message = refused.Detail is { Length: > 0 } detail ? $"{refused.MessageText} ({detail})" : refused.MessageText;
        var remedy = hint is null ? PostgreSqlErrors.HintFor(refused) : PostgreSqlErrors.Join(refused.Hint, hint);
        var line = statement.Line + statement.Text.AsSpan(0, offset).Count('\n');
        return new MigrationException(At(statement, line, message, remedy), refused);
    }

    /// <summary>A failure of one statement.</summary>
    public MigrationException Failed(PostgreSqlStatement statement, string message, string? hint) => new(At(statement, statement.Line, message, hint));

    /// <summary>A failure of the script as a whole.</summary>
    public MigrationException Failed(string message, string? hint) => new(ScriptFailure.Of(_script, message, hint));

    private MigrationError At(PostgreSqlStatement statement, int line, string message, string? hint) =>
        ScriptFailure.At(_script, line, Encoding.UTF8.GetBytes(statement.Text), message, hint);
}
