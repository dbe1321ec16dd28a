using System.Text;

namespace MigrationHost.Engines.Alembic;

/// <summary>Splits a Python file into its logical lines and words, so that neither a comment nor a string is taken for code. It runs nothing and judges nothing: what is no valid Python comes out somehow.</summary>
internal sealed class PythonText
{
    private const int TabWidth = 8;

    private readonly string _text;
    private readonly List<PythonLine> _lines = [];
    private List<PythonToken> _tokens = [];
    private int _position;
    private int _line = 1;
    private int _depth;
    private int _indent;
    private int _began = 1;

    private PythonText(string text) => _text = text;

    /// <summary>The logical lines of a file's text, empty ones left out.</summary>
    public static IReadOnlyList<PythonLine> Read(string text)
    {
        var reader = new PythonText(text);
        reader.ReadAll();
        return reader._lines;
    }

    private char Current => _position < _text.Length ? _text[_position] : '\0';

    private char Next => _position + 1 < _text.Length ? _text[_position + 1] : '\0';

    private void ReadAll()
    {
        ReadIndent();
        while (_position < _text.Length)
            ReadOne();
        EndLine();
    }

    private void ReadOne()
    {
        var c = Current;
        if (c == '\n')
        {
            _position++;
            _line++;
            if (_depth > 0)
                return;
            EndLine();
            ReadIndent();
        }
        else if (c == '\\' && (Next == '\n' || Next == '\r'))
        {
            _position += Next == '\r' ? 3 : 2;
            _line++;
        }
        else if (c == '#')
        {
            while (_position < _text.Length && Current != '\n')
                _position++;
        }
        else if (char.IsWhiteSpace(c) || c == '\uFEFF')
        {
            _position++;
        }
        else if (StringPrefix() is { } prefix)
        {
            ReadString(prefix);
        }
        else if (char.IsLetter(c) || c == '_')
        {
            Add(PythonTokenKind.Name, ReadWhile(letter => char.IsLetterOrDigit(letter) || letter == '_'));
        }
        else if (char.IsDigit(c))
        {
            Add(PythonTokenKind.Number, ReadWhile(letter => char.IsLetterOrDigit(letter) || letter is '_' or '.'));
        }
        else
        {
            ReadSign(c);
        }
    }

    private void ReadSign(char c)
    {
        _position++;
        _depth = c is '(' or '[' or '{' ? _depth + 1 : c is ')' or ']' or '}' ? Math.Max(_depth - 1, 0) : _depth;
        if (c == ';' && _depth == 0)
            EndLine();
        else
            Add(PythonTokenKind.Sign, c.ToString());
    }

    private void ReadIndent()
    {
        _indent = 0;
        for (; Current is ' ' or '\t'; _position++)
            _indent = Current == ' ' ? _indent + 1 : (_indent / TabWidth + 1) * TabWidth;
    }

    private void EndLine()
    {
        if (_tokens.Count > 0)
            _lines.Add(new PythonLine(_began, _indent, _tokens));
        _tokens = [];
    }

    private void Add(PythonTokenKind kind, string text, int? line = null)
    {
        var began = line ?? _line;
        if (_tokens.Count == 0)
            _began = began;
        _tokens.Add(new PythonToken(kind, text, began));
    }

    private string ReadWhile(Func<char, bool> belongs)
    {
        var began = _position;
        while (_position < _text.Length && belongs(Current))
            _position++;
        return _text[began.._position];
    }

    // Null where no string begins here. Letters before the quote, such as r or f, say how it is to be read.
    private string? StringPrefix()
    {
        var end = _position;
        while (end < _text.Length && end - _position < 2 && "rRbBuUfFtT".Contains(_text[end], StringComparison.Ordinal))
            end++;
        for (; end >= _position; end--)
        {
            if (end < _text.Length && _text[end] is '"' or '\'')
                return _text[_position..end].ToUpperInvariant();
        }
        return null;
    }

    private void ReadString(string prefix)
    {
        var began = _line;
        _position += prefix.Length;
        var quote = Current;
        var closing = Next == quote && _position + 2 < _text.Length && _text[_position + 2] == quote ? new string(quote, 3) : quote.ToString();
        _position += closing.Length;

        var value = new StringBuilder();
        while (_position < _text.Length && string.CompareOrdinal(_text, _position, closing, 0, closing.Length) != 0)
        {
            if (Current == '\n' && closing.Length == 1)
                break;
            if (Current == '\\' && _position + 1 < _text.Length)
                ReadEscape(value, prefix.Contains('R', StringComparison.Ordinal));
            else
                ReadCharacter(value);
        }
        if (_position < _text.Length && Current != '\n')
            _position += closing.Length;
        Add(prefix.Contains('F', StringComparison.Ordinal) || prefix.Contains('T', StringComparison.Ordinal) ? PythonTokenKind.FormattedString : PythonTokenKind.String, value.ToString(), began);
    }

    private void ReadEscape(StringBuilder value, bool raw)
    {
        if (raw)
            value.Append('\\');
        _position++;
        if (Current == '\n' && !raw)
        {
            _position++;
            _line++;
        }
        else if (!raw && Current is 'n' or 't')
        {
            value.Append(Current == 'n' ? '\n' : '\t');
            _position++;
        }
        else
        {
            ReadCharacter(value);
        }
    }

    private void ReadCharacter(StringBuilder value)
    {
        if (Current == '\n')
            _line++;
        value.Append(Current);
        _position++;
    }
}
