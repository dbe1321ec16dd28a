namespace MigrationHost.Databases.MySql;

/// <summary>Collects what a statement is made of while it is read.</summary>
/// <param name="start">Where it begins in the script.</param>
internal sealed class MySqlStatementBuilder(int start)
{
    private static readonly string[] Analyzed = ["SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE", "WITH"];

    private readonly List<MySqlWord> _words = [];
    private readonly MySqlBody _body = new();
    private readonly HashSet<string> _calls = new(StringComparer.OrdinalIgnoreCase);
    private string? _last;
    private int _brackets;
    private bool _selects;

    public int Start => start;

    public bool HasWords { get; private set; }

    /// <summary>Whether a semicolon would be inside it.</summary>
    public bool IsInBody => _body.IsOpen;

    public void Word(string text)
    {
        (HasWords, _last) = (true, text);
        if (_brackets == 0)
            _words.Add(new MySqlWord(text, false));
        var word = text.ToUpperInvariant();
        _selects |= word == "SELECT";
        _body.Word(word);
    }

    public void Quoted(string text)
    {
        Literal();
        _last = text;
        if (_brackets == 0)
            _words.Add(new MySqlWord(text, true));
    }

    public void Literal()
    {
        (HasWords, _last) = (true, null);
        _body.Quoted();
    }

    public void Sign(char sign)
    {
        if (sign == '(' && _last is not null)
            _calls.Add(_last);
        (HasWords, _last) = (true, null);
        _brackets += sign switch { '(' => 1, ')' when _brackets > 0 => -1, _ => 0 };
        if (_brackets == 0 && sign is '.' or ',' or '=')
            _words.Add(new MySqlWord($"{sign}", false));
        _body.Sign(sign);
    }

    public void Semicolon() => _body.Semicolon();

    public MySqlStatement Build(int number, string text, int line) => new(number, text, line, OfWhatRuns())
    {
        Calls = _calls,
        Selects = _selects,
        HasBody = _body.IsThere,
    };

    // SET STATEMENT … FOR an INSERT is that INSERT, and ANALYZE of one runs it.
    // https://mariadb.com/kb/en/set-statement/, https://mariadb.com/kb/en/analyze-statement/
    private List<MySqlWord> OfWhatRuns()
    {
        var at = _words switch
        {
            [var set, var statement, ..] when set.Is("SET") && statement.Is("STATEMENT") => 1 + _words.FindIndex(word => word.Is("FOR")),
            [var analyze, ..] when analyze.Is("ANALYZE") => _words.FindIndex(word => Array.Exists(Analyzed, word.Is)),
            _ => 0,
        };
        return at > 0 && at < _words.Count ? _words[at..] : _words;
    }
}
