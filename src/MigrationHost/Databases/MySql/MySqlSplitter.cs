using System.Buffers;
using System.Text;

namespace MigrationHost.Databases.MySql;

/// <summary>Cuts a script into statements as the server's own client does, which the server itself cannot.</summary>
/// <remarks>
/// <see href="https://mariadb.com/kb/en/delimiters/"/>, <see href="https://mariadb.com/kb/en/comment-syntax/"/>. Beyond the client, a
/// BEGIN … END in a routine, trigger or event is kept together without a DELIMITER, and several statements up to another delimiter, which
/// the client sends as one text, are cut where the server cuts them.
/// </remarks>
internal sealed class MySqlSplitter
{
    private const string DelimiterCommand = "DELIMITER";

    // The client runs these itself; the server would call them a syntax error, once what stands before them is done.
    private static readonly string[] ClientCommands =
    [
        "source", "system", "tee", "notee", "pager", "nopager", "edit", "prompt", "rehash", "connect", "exit", "quit", "clear", "print",
        "status", "go", "ego", "charset", "warnings", "nowarning", "resetconnection",
    ];

    private static readonly SearchValues<char> PlainLetters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_,");

    private readonly string _text;
    private readonly bool _escapesAtFirst;
    private readonly bool _isForServer;
    private readonly Action<int, string, string> _problem;
    private readonly List<MySqlStatement> _statements = [];

    private string _delimiter = ";";
    private bool _escapes;
    private int _at;
    private int _counted;
    private int _line = 1;
    private MySqlStatementBuilder? _building;
    private bool _inConditional;
    private bool _setsDelimiter;
    private StringBuilder? _code;

    private MySqlSplitter(string text, bool escapes, Action<int, string, string> problem, bool isForServer) =>
        (_text, _escapesAtFirst, _escapes, _problem, _isForServer) = (text, escapes, escapes, problem, isForServer);

    /// <param name="text">The script.</param>
    /// <param name="escapes">Whether a backslash escapes in strings: not under NO_BACKSLASH_ESCAPES.</param>
    /// <param name="problem">Takes what is wrong: the line, what, and what to do.</param>
    /// <param name="isForServer">Whether DELIMITER, which only the client knows, is wrong, too.</param>
    public static List<MySqlStatement> Split(
        string text, bool escapes, Action<int, string, string> problem, bool isForServer = false)
    {
        var splitter = new MySqlSplitter(text, escapes, problem, isForServer);
        splitter.Run();
        return splitter._statements;
    }

    /// <summary>The delimiter that a script leaves behind in the client; null if it sets none.</summary>
    public static string? DelimiterBehind(string text)
    {
        var splitter = new MySqlSplitter(text, escapes: true, (_, _, _) => { }, isForServer: false);
        splitter.Run();
        return splitter._setsDelimiter ? splitter._delimiter : null;
    }

    /// <summary>A statement without its comments and with those strings and quoted names alone that are plain values or lists of them: what
    /// it says, not what it writes or names.</summary>
    /// <param name="statement">Its text.</param>
    /// <param name="escapes">Whether a backslash escapes in its strings.</param>
    public static string CodeOf(string statement, bool escapes)
    {
        var splitter = new MySqlSplitter(statement, escapes, (_, _, _) => { }, isForServer: false) { _code = new() };
        splitter.Run();
        return splitter._code.ToString();
    }

    private void Run()
    {
        while (_at < _text.Length)
            Step();
        End(_text.Length, 0);
    }

    private void Step()
    {
        var letter = _text[_at];
        if (_building is null && !char.IsWhiteSpace(letter) && IsAtLineStart() && TakeCommand())
            return;
        var isInBody = _building?.IsInBody is true;
        if (StartsWith(_delimiter) && !(isInBody && _delimiter == ";"))
            End(_at, _delimiter.Length);
        else if (letter == ';' && isInBody)
            TakeSemicolon();
        else if (letter == ';' && !_inConditional)
            End(_at + 1, 0);
        else if (char.IsWhiteSpace(letter))
            _at++;
        else if (letter == '#' || letter == '-' && IsDashComment())
            _at = LineEnd(_at);
        else if (_inConditional && StartsWith("*/"))
            (_inConditional, _at) = (false, _at + 2);
        else if (StartsWith("/*"))
            TakeBlock();
        else if (letter is '\'' or '"' or '`')
            TakeQuoted(letter);
        else if (letter == '\\')
            TakeBackslash(_at + 1 < _text.Length ? _text[_at + 1] : ' ');
        else if (IsWordLetter(letter))
            TakeWord();
        else
            TakeSign(letter);
    }

    private void End(int at, int length)
    {
        if (_building is { } building)
        {
            var text = _text[building.Start..at].TrimEnd();
            if (building.HasWords && _code is null)
            {
                _statements.Add(
                    building.Build(_statements.Count + 1, text, LineOf(building.Start)) with { HasBackslashEscapes = _escapes });
                _escapes = MySqlEscapes.Behind(_statements, _escapesAtFirst);
            }
        }
        (_building, _inConditional, _at) = (null, false, at + length);
    }

    private void TakeSemicolon()
    {
        Builder().Semicolon();
        _at++;
    }

    private void TakeSign(char sign)
    {
        Builder().Sign(sign);
        _code?.Append(sign);
        _at++;
    }

    // What the client reads as a command of its own: a line that begins with it, where no statement is under way.
    private bool TakeCommand()
    {
        var end = LineEnd(_at);
        var line = _text[_at..end].Trim();
        var parts = line.Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length == 0)
            return false;
        if (parts[0].Equals(DelimiterCommand, StringComparison.OrdinalIgnoreCase))
        {
            SetDelimiter(parts.ElementAtOrDefault(1));
            _at = end;
            return true;
        }
        if (ClientCommands.Contains(parts[0].TrimEnd(';'), StringComparer.OrdinalIgnoreCase))
        {
            RefuseClientCommand();
            _at = end;
            return true;
        }
        if (parts.Length < 2 || !parts[0].Equals("USE", StringComparison.OrdinalIgnoreCase)
            || line.Contains(_delimiter, StringComparison.Ordinal))
            return false;

        // The client takes USE without a delimiter.
        Builder();
        while (_at < end)
            Step();
        End(end, 0);
        return true;
    }

    private void SetDelimiter(string? to)
    {
        if (_isForServer)
        {
            _problem(
                LineAt(_at),
                "DELIMITER is a command of the mysql client, and the tool of this folder sends it to the server, which refuses it",
                "Remove the lines with DELIMITER: a routine's BEGIN … END needs none.");
        }
        if (to is null)
            _problem(LineAt(_at), "DELIMITER has no delimiter behind it", "Write for example: DELIMITER //");
        else if (to.Split((char[]?)null)[0].Trim('\'', '"', '`') is { Length: > 0 } chosen)
            (_setsDelimiter, _delimiter) = (true, chosen);
    }

    // \g and \G end a statement for the client, and \N is NULL for the server.
    private void TakeBackslash(char command)
    {
        if (command is 'g' or 'G')
            End(_at, 2);
        else if (command == 'N')
            TakeSign('\\');
        else
        {
            RefuseClientCommand();
            _at = LineEnd(_at);
        }
    }

    private void RefuseClientCommand() => _problem(
        LineAt(_at),
        "is a command of the mysql client, which the server does not know",
        "Remove it; write what it would have run into the migration itself.");

    private void RefuseOpen(int from, string what, string end) => _problem(
        LineAt(from), $"a {what} begins here and does not end: the rest of the file would be a part of it", $"Close it with {end}.");

    private void TakeBlock()
    {
        // An executable comment is code for the server, and so are its words, unless it is for no version there is.
        var marker = StartsWith("/*!") ? 3 : StartsWith("/*M!") ? 4 : 0;
        var digits = 0;
        while (marker > 0 && digits < 6 && _at + marker + digits < _text.Length && char.IsAsciiDigit(_text[_at + marker + digits]))
            digits++;
        if (marker > 0 && _text.AsSpan(_at + marker, digits) is not "999999")
        {
            Builder();
            (_inConditional, _at) = (true, _at + marker + (digits is 5 or 6 ? digits : 0));
            return;
        }
        var close = _text.IndexOf("*/", Math.Min(_at + 2, _text.Length), StringComparison.Ordinal);
        if (close < 0)
            RefuseOpen(_at, "comment", "*/");
        _at = close < 0 ? _text.Length : close + 2;
    }

    private void TakeQuoted(char quote)
    {
        var (builder, from) = (Builder(), _at + 1);
        for (_at++; _at < _text.Length; _at++)
        {
            if (_text[_at] == '\\' && quote != '`' && _escapes)
                _at++;
            else if (_text[_at] == quote && _at + 1 < _text.Length && _text[_at + 1] == quote)
                _at++;
            else if (_text[_at] == quote)
                break;
        }
        if (_at >= _text.Length)
            RefuseOpen(from - 1, quote == '`' ? "quoted name" : "string", $"{quote}");
        _at = Math.Min(_at, _text.Length);
        if (quote != '\'')
            builder.Quoted(_text[from.._at].Replace($"{quote}{quote}", $"{quote}", StringComparison.Ordinal));
        else
            builder.Literal();
        var isPlain = _code is not null && _text.AsSpan(from, _at - from).IndexOfAnyExcept(PlainLetters) < 0;
        _code?.Append(' ').Append(quote).Append(isPlain ? _text[from.._at] : "").Append(quote);
        _at = Math.Min(_at + 1, _text.Length);
    }

    private void TakeWord()
    {
        var (builder, from) = (Builder(), _at);
        while (_at < _text.Length && IsWordLetter(_text[_at]) && !StartsWith(_delimiter))
            _at++;
        if (_at == from)
            _at++;
        builder.Word(_text[from.._at]);
        _code?.Append(' ').Append(_text, from, _at - from);
    }

    private MySqlStatementBuilder Builder() => _building ??= new MySqlStatementBuilder(_at);

    // -- begins a comment only before a blank: 5--1 is 6. The client alone also takes it for one where no statement is under way.
    private bool IsDashComment() => StartsWith("--")
        && (_at + 2 >= _text.Length || char.IsWhiteSpace(_text[_at + 2]) || char.IsControl(_text[_at + 2])
            || _building is null && !_isForServer);

    private bool IsAtLineStart()
    {
        var before = _at - 1;
        while (before >= 0 && _text[before] != '\n' && char.IsWhiteSpace(_text[before]))
            before--;
        return before < 0 || _text[before] == '\n';
    }

    private bool StartsWith(string text) => string.CompareOrdinal(_text, _at, text, 0, text.Length) == 0;

    private int LineEnd(int from) => _text.IndexOf('\n', from) is var end and >= 0 ? end : _text.Length;

    // Asked for one statement after another: counted from the last one on.
    private int LineOf(int at)
    {
        _line += _text.AsSpan(_counted, at - _counted).Count('\n');
        _counted = at;
        return _line;
    }

    private int LineAt(int at) => 1 + _text.AsSpan(0, at).Count('\n');

    private static bool IsWordLetter(char letter) => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '$' or '@' or >= '\x80';
}
