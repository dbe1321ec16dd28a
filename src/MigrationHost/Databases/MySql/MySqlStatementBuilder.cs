namespace MigrationHost.Databases.MySql;

/// <summary>Collects what a statement is made of while it is read.</summary>
/// <param name="start">Where it begins in the script.</param>
internal sealed class MySqlStatementBuilder(int start)
{
    private static readonly string[] WithBody = ["PROCEDURE", "FUNCTION", "TRIGGER", "EVENT", "PACKAGE"];
    private static readonly string[] BehindEnd = ["IF", "LOOP", "WHILE", "REPEAT", "FOR"];
    private static readonly string[] BodyWithoutBegin = ["THEN", "LOOP", "REPEAT", "WHILE", "AS", "IS", "PACKAGE"];
    private static readonly string[] Analyzed = ["SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE", "WITH"];
    private const int WordsUntilKind = 16;

    private readonly List<MySqlWord> _words = [];
    private string _last = "";
    private int _brackets;
    private int _blocks;
    private bool _isOpen;
    private bool _selects;

    public int Start => start;

    public bool HasWords { get; private set; }

    /// <summary>Whether a statement with these words creates what may have other statements in it.</summary>
    public static bool HasBody(IReadOnlyList<MySqlWord> words) =>
        words.Count > 0 && words[0].Is("CREATE") && words.Take(WordsUntilKind).Any(word => Array.Exists(WithBody, word.Is));

    /// <summary>Whether it is inside the BEGIN … END of what it creates.</summary>
    public bool IsInBody => _blocks > 0;

    /// <summary>Whether a semicolon ends it although the script has set another delimiter: the server ends it there, and what follows
    /// would run as statements that nobody has looked at.</summary>
    public bool EndsAtSemicolon => _blocks == 0 && !_isOpen && !(_words is [var first, ..] && MySqlStatement.IsCompound(first));

    public void Word(string text)
    {
        HasWords = true;
        if (_brackets == 0)
            _words.Add(new MySqlWord(text, false));
        _selects |= text.Equals("SELECT", StringComparison.OrdinalIgnoreCase);
        Follow(text.ToUpperInvariant());
    }

    public void Quoted(string text)
    {
        HasWords = true;
        _last = "";
        if (_brackets == 0)
            _words.Add(new MySqlWord(text, true));
    }

    public void Literal() => (HasWords, _last) = (true, "");

    public void Sign(char sign)
    {
        HasWords = true;
        _last = "";
        _brackets += sign switch { '(' => 1, ')' when _brackets > 0 => -1, _ => 0 };
        if (_brackets == 0 && sign is '.' or ',' or '=')
            _words.Add(new MySqlWord($"{sign}", false));
    }

    public MySqlStatement Build(int number, string text, int line) => new(number, text, line, OfWhatRuns()) { Selects = _selects };

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

    private void Follow(string word)
    {
        if (word == "ATOMIC" && _words is [var begin, var not, _] && begin.Is("BEGIN") && not.Is("NOT"))
            _blocks = 1;
        else if (_blocks > 0 || HasBody(_words))
        {
            _isOpen |= _blocks == 0 && (Array.IndexOf(BodyWithoutBegin, word) >= 0 || _last == "FOR" && word != "EACH");
            if (word is "BEGIN" || word is "CASE" && _last != "END")
                _blocks++;
            else if (word is "END" && _blocks > 0)
                _blocks--;
            else if (_last == "END" && Array.IndexOf(BehindEnd, word) >= 0)
                _blocks++;
        }
        _last = word;
    }
}
