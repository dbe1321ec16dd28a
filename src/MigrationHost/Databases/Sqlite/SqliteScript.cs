using MigrationHost.Scripts;
using SQLitePCL;

namespace MigrationHost.Databases.Sqlite;

/// <summary>Walks through a script statement by statement, each compiled only when the ones before it have run.</summary>
internal sealed class SqliteScript(RawSqlite sqlite, Migration script, ScriptText text, SqliteAuthorizer authorizer)
{
    private readonly ReadOnlyMemory<byte> _textWithNul = text.WithNul();
    private readonly SqliteStatements _statements = SqliteStatements.Of(script, text);
    private Func<sqlite3_stmt>? _compile;
    private int _start;
    private int _end;

    /// <summary>The statement's number, counted from 1.</summary>
    public int Number { get; private set; }

    /// <summary>How many there are, as far as that is known without compiling them.</summary>
    public int Count => Math.Max(_statements.Count, Number);

    /// <summary>The line on which it begins.</summary>
    public int Line { get; private set; } = 1;

    /// <summary>The script from the statement on, with the NUL behind it.</summary>
    private ReadOnlySpan<byte> Rest => _textWithNul.Span[_start..];

    /// <summary>The statement's own text, once it is compiled.</summary>
    public ReadOnlySpan<byte> Text => text.Utf8[_start..Math.Min(_end, text.Utf8.Length)];

    /// <summary>PRAGMA, ATTACH and VACUUM cannot run in a transaction or do not do there what they say.</summary>
    public bool NeedsNoTransaction => IsSessionStatement(Rest) || IsVacuum;

    public bool IsVacuum => SqlText.BeginsWith(Rest, "VACUUM");

    /// <summary>Whether it works on another file.</summary>
    public bool IsAttach => SqlText.BeginsWith(Rest, "ATTACH") || SqlText.BeginsWith(Rest, "DETACH");

    public static bool IsSessionStatement(ReadOnlySpan<byte> sql) =>
        SqlText.BeginsWith(sql, "PRAGMA") || SqlText.BeginsWith(sql, "ATTACH") || SqlText.BeginsWith(sql, "DETACH");

    /// <summary>Refuses what would silently be taken for something else, before anything is run.</summary>
    /// <exception cref="MigrationException">It has a parameter.</exception>
    public void Check()
    {
        if (SqliteParameters.First(text.Utf8) is var (at, name))
            throw new MigrationException(ScriptFailure.At(
                script, text.LineAt(at), text.Utf8[at..], SqliteParameters.Refusal(name), SqliteParameters.Remedy));
    }

    /// <summary>Goes to the next statement; false at the end.</summary>
    public bool MoveToNext()
    {
        var start = NextFrom(_end);
        while (_statements.EndOfLeftOut(start) is { } end)
            start = NextFrom(end);
        if (start == text.Utf8.Length)
            return false;
        Line += text.Utf8[_start..start].Count((byte)'\n');
        _start = _end = start;
        Number++;
        return true;
    }

    /// <summary>All its statements, as they are known without compiling them.</summary>
    public List<SqliteStatement> List()
    {
        var (all, line, counted) = (new List<SqliteStatement>(), 1, 0);
        foreach (var range in _statements.Ranges)
        {
            line += text.Utf8[counted..range.Start.Value].Count((byte)'\n');
            counted = range.Start.Value;
            all.Add(new SqliteStatement(all.Count + 1, line, range, text.Memory[range]));
        }
        return all;
    }

    /// <summary>Goes behind a statement that an earlier run has done.</summary>
    public void Skip(SqliteStatement done)
    {
        (Number, _end) = (done.Number, done.Range.End.Value);
        Line += text.Utf8[_start.._end].Count((byte)'\n');
        _start = _end;
    }

    /// <summary>Compiles and runs the statement.</summary>
    /// <param name="inBetween">Done when it is known what the statement will touch, and nothing is touched yet.</param>
    /// <exception cref="SqliteFailure">It failed, was refused a lock, or was interrupted.</exception>
    public void Run(Action? inBetween = null)
    {
        using var statement = authorizer.Watch(sqlite, script.Header, _compile ??= Compile);
        inBetween?.Invoke();
        sqlite.RunToEnd(statement);
        if (authorizer.Pragma == "busy_timeout")
            sqlite.WaitAsBefore();
    }

    /// <summary>What a failure of the current statement means to the user.</summary>
    public MigrationException Failed(SqliteFailure failure, string? hint = null)
    {
        var (refusal, instead) = failure.IsNotAuthorized
            ? (authorizer.Refusal, authorizer.Remedy)
            : (authorizer.WithoutHistory(failure), HistoryTable.UseResolve);
        var line = Line + (failure.Offset is { } offset ? Rest[..Math.Min(offset, Rest.Length)].Count((byte)'\n') : 0);
        var message = refusal ?? SqliteErrors.Describe(failure);
        var statement = text.Utf8[_start..(_end > _start ? Math.Min(_end, text.Utf8.Length) : text.Utf8.Length)];
        var remedy = refusal is not null ? instead : hint ?? SqliteErrors.HintFor(failure, sqlite.Path);
        return new MigrationException(
            ScriptFailure.At(script, line, statement, message, remedy, refusal is null ? failure.Message : null), failure);
    }

    /// <summary>A failure of the script as a whole.</summary>
    public MigrationException Failed(string message, string? hint) => new(ScriptFailure.Of(script, message, hint));

    private int NextFrom(int end) => end + SqlText.BlankLength(text.Utf8[end..]);

    private sqlite3_stmt Compile()
    {
        var statement = sqlite.Prepare(Rest, out var length);
        _end = _start + length;
        if (raw.sqlite3_bind_parameter_count(statement) == 0)
            return statement;
        var name = raw.sqlite3_bind_parameter_name(statement, 1).utf8_to_string() ?? "?";
        statement.Dispose();
        throw new MigrationException(ScriptFailure.At(script, Line, Text, SqliteParameters.Refusal(name), SqliteParameters.Remedy));
    }
}
