namespace MigrationHost.Databases.PostgreSql;

/// <summary>
/// Cuts a script into statements by the rules of the server's own lexer: dollar quotes with tags, nested comments, escape strings,
/// quoted names, and bodies of BEGIN ATOMIC … END.
/// </summary>
/// <remarks>
/// <see href="https://www.postgresql.org/docs/current/sql-syntax-lexical.html"/>; for what a semicolon ends inside a routine's body, psql's
/// rule: none within BEGIN … END or CASE … END of CREATE FUNCTION and CREATE PROCEDURE, none within brackets.
/// </remarks>
internal sealed class PostgreSqlSplitter
{
    private readonly string _script;
    private readonly bool _backslashEscapes;
    private readonly List<PostgreSqlStatement> _statements = [];
    private readonly List<PostgreSqlWord> _words = [];
    private bool _everyWord;
    private int _at;
    private int _start = -1;
    private int _startLine;
    private int _line = 1;
    private int _lineCountedTo;
    private int _brackets;
    private int _blocks;

    private PostgreSqlSplitter(string script, bool standardStrings)
    {
        _script = script;
        _backslashEscapes = !standardStrings;
    }

    /// <param name="script">The script.</param>
    /// <param name="problem">Is told what psql would do itself and a server cannot, with the line.</param>
    /// <param name="standardStrings">The server's standard_conforming_strings: off, every backslash in a string escapes.</param>
    public static List<PostgreSqlStatement> Split(string script, Action<int, string, string> problem, bool standardStrings = true)
    {
        var splitter = new PostgreSqlSplitter(script, standardStrings);
        splitter.Run(problem);
        return splitter._statements;
    }

    /// <summary>All words of a statement, those in brackets and bodies too, with the signs between them.</summary>
    public static List<PostgreSqlWord> WordsOf(string statement)
    {
        var splitter = new PostgreSqlSplitter(statement, standardStrings: true) { _everyWord = true };
        while (splitter._at < statement.Length)
            splitter.Step((_, _, _) => { });
        return splitter._words;
    }

    private void Run(Action<int, string, string> problem)
    {
        while (_at < _script.Length)
            Step(problem);
        EndStatement();
    }

    private void Step(Action<int, string, string> problem)
    {
        var c = _script[_at];
        if (char.IsWhiteSpace(c))
            _at++;
        else if (c == '-' && Next == '-')
            SkipTo(EndOfLine(), 1);
        else if (c == '/' && Next == '*')
            SkipComment();
        else if (c == ';' && _brackets == 0 && _blocks == 0 && !_everyWord)
            EndStatement();
        else if (c == '\\')
            SkipMetaCommand(problem);
        else
            ReadToken(c);
    }

    private char Next => _at + 1 < _script.Length ? _script[_at + 1] : '\0';

    private void ReadToken(char c)
    {
        if (_start < 0)
            (_start, _startLine) = (_at, LineAt(_at));
        if (c == '\'')
            SkipString(_backslashEscapes);
        else if (c == '"')
            ReadQuotedName();
        else if (c == '$' && DollarTag() is { } tag)
            SkipTo(_script.IndexOf(tag, _at + tag.Length, StringComparison.Ordinal), tag.Length);
        else if (IsNameStart(c))
            ReadWord();
        else
        {
            if (_everyWord)
                _words.Add(new PostgreSqlWord(c.ToString(), Quoted: false));
            else
                _brackets += c switch { '(' or '[' => 1, ')' or ']' when _brackets > 0 => -1, _ => 0 };
            _at++;
        }
    }

    private void ReadWord()
    {
        var from = _at;
        while (_at < _script.Length && (IsNameStart(_script[_at]) || char.IsAsciiDigit(_script[_at]) || _script[_at] == '$'))
            _at++;
        var word = _script[from.._at];

        // E'…' escapes with backslashes; U&'…', B'…', X'…' and N'…' do not.
        if (_at < _script.Length && _script[_at] == '\'' && word is "e" or "E")
            SkipString(backslashEscapes: true);
        else if (_brackets == 0)
            Take(new PostgreSqlWord(word, Quoted: false));
    }

    private void Take(PostgreSqlWord word)
    {
        if (_blocks == 0)
            _words.Add(word);
        if (_everyWord || !InRoutine)
            return;
        if (word.Is("BEGIN") || word.Is("CASE") && _blocks > 0)
            _blocks++;
        else if (word.Is("END") && _blocks > 0)
            _blocks--;
    }

    // CREATE [OR REPLACE] FUNCTION | PROCEDURE
    private bool InRoutine =>
        _words.Count > 1
            && _words[0].Is("CREATE")
            && _words[_words.Count > 3 && _words[1].Is("OR") ? 3 : 1] is var kind
            && (kind.Is("FUNCTION") || kind.Is("PROCEDURE"));

    private void ReadQuotedName()
    {
        var from = _at + 1;
        SkipQuoted('"');
        if (_brackets == 0 && _blocks == 0)
            _words.Add(
                new PostgreSqlWord(_script[from..Math.Max(from, _at - 1)].Replace("\"\"", "\"", StringComparison.Ordinal), Quoted: true));
    }

    private void SkipString(bool backslashEscapes)
    {
        if (!backslashEscapes)
        {
            SkipQuoted('\'');
            return;
        }
        for (_at++; _at < _script.Length; _at++)
        {
            if (_script[_at] == '\\')
                _at++;
            else if (_script[_at] == '\'' && Next == '\'')
                _at++;
            else if (_script[_at] == '\'')
                break;
        }
        _at = Math.Min(_at + 1, _script.Length);
    }

    private void SkipQuoted(char quote)
    {
        do
        {
            SkipTo(_script.IndexOf(quote, _at + 1), 1);
        }
        while (_at < _script.Length && _script[_at] == quote);
    }

    private void SkipComment()
    {
        var depth = 0;
        do
        {
            if (_script[_at] == '/' && Next == '*')
                (depth, _at) = (depth + 1, _at + 2);
            else if (_script[_at] == '*' && Next == '/')
                (depth, _at) = (depth - 1, _at + 2);
            else
                _at++;
        }
        while (depth > 0 && _at < _script.Length);
    }

    // $$ or $tag$: the tag is a name without a dollar sign.
    private string? DollarTag()
    {
        var end = _script.IndexOf('$', _at + 1);
        if (end < 0)
            return null;
        var tag = _script.AsSpan(_at + 1, end - _at - 1);
        foreach (var c in tag)
        {
            if (!IsNameStart(c) && !char.IsAsciiDigit(c))
                return null;
        }
        return tag.IsEmpty || IsNameStart(tag[0]) ? _script[_at..(end + 1)] : null;
    }

    private void SkipMetaCommand(Action<int, string, string> problem)
    {
        var end = EndOfLine();
        var command = _script[_at..(end < 0 ? _script.Length : end)].Trim();
        var name = command.Split(' ')[0];
        problem(LineAt(_at), $"{name} is a command of psql, not of the server", name switch
        {
            "\\copy" => "Write INSERT statements, or COPY … FROM '/path' if the file is on the server.",
            "\\i" or "\\ir" or "\\include" => "Put the included SQL into this file, or into a migration of its own.",
            "\\set" or "\\if" or "\\gset" => "Write the value itself: a migration is the same text everywhere.",
            _ => "Remove it.",
        });
        SkipTo(end, 1);
    }

    private void EndStatement()
    {
        if (_start >= 0)
        {
            var text = _script[_start..Math.Min(_at, _script.Length)].TrimEnd();
            var statement = new PostgreSqlStatement(_statements.Count + 1, text, _startLine, [.. _words]);
            _at++;
            _statements.Add(statement.IsCopyFromClient ? statement with { CopyData = SkipData() } : statement);
        }
        else
            _at++;
        _words.Clear();
        (_start, _brackets, _blocks) = (-1, 0, 0);
    }

    // For psql everything behind the line of a COPY … FROM STDIN is data, up to a line \. or the end.
    private CopyData? SkipData()
    {
        var (lines, hasNull, ended) = (0, false, false);
        SkipLine();
        while (_at < _script.Length && !ended)
        {
            var from = _at;
            SkipLine();
            var line = _script.AsSpan(from, _at - from).TrimEnd("\r\n");
            ended = line is "\\.";
            if (ended || line.IsEmpty && _at == _script.Length)
                break;
            lines++;
            hasNull |= line.Contains("\\N", StringComparison.Ordinal);
        }
        return lines > 0 || ended ? new CopyData(lines, hasNull, ended) : null;
    }

    private void SkipLine() => SkipTo(_at < _script.Length ? _script.IndexOf('\n', _at) : -1, 1);

    // What is not closed continues to the end of the script: the server will say what is missing.
    private void SkipTo(int found, int length) => _at = found < 0 ? _script.Length : found + length;

    // For the server a carriage return alone ends a line, too.
    private int EndOfLine() => _script.AsSpan(_at).IndexOfAny('\n', '\r') is var length and >= 0 ? _at + length : -1;

    private int LineAt(int offset)
    {
        _line += _script.AsSpan(_lineCountedTo, offset - _lineCountedTo).Count('\n');
        _lineCountedTo = offset;
        return _line;
    }

    private static bool IsNameStart(char c) => char.IsAsciiLetter(c) || c == '_' || c > 127;
}
