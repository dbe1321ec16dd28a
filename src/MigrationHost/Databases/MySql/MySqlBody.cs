namespace MigrationHost.Databases.MySql;

/// <summary>Follows the grammar of a statement as far as it says which semicolons are inside it: those of a routine, trigger, event,
/// package or block.</summary>
/// <remarks>
/// BEGIN, END, DO and their like are keywords only where the grammar has them, mostly where a statement begins. Everywhere else they are
/// names: <c>SET NEW.end = (SELECT MIN(begin) FROM event)</c>. Taking a name for a BEGIN is worse than the other way round: what follows
/// would be sent as one text with the statement, while the server takes it for statements of their own. The grammar is that of MariaDB,
/// in both modes. <see href="https://mariadb.com/kb/en/programmatic-compound-statements/"/>,
/// <see href="https://mariadb.com/kb/en/sql_modeoracle/"/>
/// </remarks>
internal sealed class MySqlBody
{
    private static readonly string[] Characteristics =
    [
        "COMMENT", "LANGUAGE", "SQL", "NOT", "DETERMINISTIC", "CONTAINS", "NO", "READS", "MODIFIES", "DATA", "SECURITY", "DEFINER",
        "INVOKER", "AUTHID", "CURRENT_USER",
    ];

    // What a function's body begins with: its RETURN has to be in it.
    private static readonly string[] FunctionBodies = ["BEGIN", "RETURN", "IF", "CASE", "LOOP", "WHILE", "REPEAT", "FOR"];

    // Behind these a word is a name, since an operand is missing.
    private static readonly string[] Operators =
    [
        "CASE", "WHEN", "THEN", "ELSE", "IF", "ELSEIF", "ELSIF", "WHILE", "UNTIL", "FOR", "AND", "OR", "NOT", "XOR", "IN", "LIKE",
        "BETWEEN", "DIV", "MOD", "IS", "REGEXP", "RLIKE", "BINARY", "INTERVAL", "ESCAPE", "COLLATE", "REVERSE",
    ];

    /// <summary>The blocks that are open, and whether each is a part with declarations, which its BEGIN ends.</summary>
    private readonly Stack<bool> _open = [];

    private Place _place = Place.First;
    private Place _header;
    private int _brackets;
    private int _cases;
    private bool _begins;
    private bool _isPartOfName;
    private bool _isBehindOperand;
    private bool _isEntered;

    /// <summary>What the next word is a part of.</summary>
    private enum Place
    {
        First, Begin, BeginNot, Set, SetStatement,
        Create, Definer, Name, Procedure, Function, Returns, Trigger, EachRow, BehindRow, OtherTrigger, Event, UntilAs, BehindAs,
        Statement, AngleLabel, BehindFirstWord, Rest,
        UntilThen, UntilLoop, UntilEnd,
        Declare, Handler, HandlerFor, Condition, BehindCondition,
    }

    /// <summary>Whether a semicolon would be inside it.</summary>
    public bool IsOpen => _open.Count > 0;

    /// <summary>Whether it has statements of its own. A BEGIN that nothing ends is one that begins a transaction.</summary>
    public bool IsThere => _isEntered && !(_begins && IsOpen);

    /// <param name="word">A word in capital letters.</param>
    public void Word(string word)
    {
        var isName = _isPartOfName;
        if (_brackets == 0 && !isName)
            _place = Behind(word);
        _isPartOfName = false;
        _isBehindOperand = isName || Array.IndexOf(Operators, word) < 0;
    }

    /// <summary>A string or a quoted name.</summary>
    public void Quoted() => Word("");

    public void Sign(char sign)
    {
        if (_brackets == 0)
            _place = Behind(sign);
        _brackets = Math.Max(0, _brackets + sign switch { '(' => 1, ')' => -1, _ => 0 });
        _isPartOfName = sign == '.' || sign == '-' && _place == Place.Create;
        _isBehindOperand = sign == ')';
    }

    /// <summary>A semicolon inside it.</summary>
    public void Semicolon() => (_place, _brackets, _isPartOfName) = (Place.Statement, 0, false);

    private Place Behind(string word) => _place switch
    {
        Place.First => First(word),
        Place.Begin => Begin(word),
        Place.BeginNot => word == "ATOMIC" ? Open(Place.Statement) : Place.Rest,
        Place.Set => word == "STATEMENT" ? Place.SetStatement : Place.Rest,
        Place.SetStatement => word == "FOR" ? Place.First : Place.SetStatement,
        Place.Create => Create(word),
        Place.Definer => Place.Create,
        Place.Name => word is "IF" or "NOT" or "EXISTS" or "BODY" ? Place.Name : _header,
        Place.Procedure => Procedure(word),
        Place.Function => word switch { "RETURNS" => Place.Returns, "RETURN" => Place.UntilAs, _ => Place.Function },
        Place.Returns => word == "SONAME" ? Place.Rest : Array.IndexOf(FunctionBodies, word) < 0 ? Place.Returns : Enter(word),
        Place.Trigger => word == "EACH" ? Place.EachRow : Place.Trigger,
        Place.EachRow => Place.BehindRow,
        Place.BehindRow => word is "FOLLOWS" or "PRECEDES" ? Place.OtherTrigger : Enter(word),
        Place.OtherTrigger => Enter(),
        Place.Event => word == "DO" ? Enter() : Place.Event,
        Place.UntilAs => word is "AS" or "IS" ? Place.BehindAs : Place.UntilAs,
        Place.BehindAs => BehindAs(word),
        Place.Statement => Statement(word),
        Place.AngleLabel => Place.AngleLabel,
        Place.UntilThen or Place.UntilLoop or Place.UntilEnd => Expression(word),
        Place.Declare => word is "CONTINUE" or "EXIT" or "UNDO" ? Place.Handler : Place.Rest,
        Place.Handler => word == "HANDLER" ? Place.HandlerFor : Place.Rest,
        Place.HandlerFor => word == "FOR" ? Place.Condition : Place.Rest,
        Place.Condition => word is "SQLSTATE" or "VALUE" or "NOT" ? Place.Condition : Place.BehindCondition,
        Place.BehindCondition => Statement(word),
        _ => Place.Rest,
    };

    private Place Behind(char sign) => (_place, sign) switch
    {
        (Place.BehindFirstWord or Place.Statement, ':') => Place.Statement,
        (Place.Returns, ':') => Enter(),
        (Place.Begin, '<') => Open(Place.AngleLabel),
        (Place.First or Place.Statement, '<') => Place.AngleLabel,
        (Place.AngleLabel or Place.Statement, '>') => Place.Statement,
        (Place.BehindCondition, ',') => Place.Condition,
        (Place.First or Place.Begin or Place.Statement, _) => Place.Rest,
        _ => _place,
    };

    private Place First(string word) => word switch
    {
        "CREATE" or "ALTER" => Place.Create,
        "SET" => Place.Set,
        "BEGIN" => Place.Begin,
        _ => Statement(word),
    };

    // BEGIN alone begins a transaction; under sql_mode=ORACLE a block may follow.
    private Place Begin(string word)
    {
        if (word is "NOT")
            return Place.BeginNot;
        if (word is "WORK" or "TRANSACTION")
            return Place.Rest;
        _begins = true;
        Open(Place.Statement);
        return Statement(word);
    }

    private Place Create(string word) => word switch
    {
        "DEFINER" => Place.Definer,
        "PROCEDURE" => Named(Place.Procedure),
        "FUNCTION" => Named(Place.Function),
        "TRIGGER" => Named(Place.Trigger),
        "EVENT" => Named(Place.Event),
        "PACKAGE" => Named(Place.UntilAs),
        "" or "OR" or "REPLACE" or "AGGREGATE" or ['@', ..] => Place.Create,
        _ => Place.Rest,
    };

    private Place Named(Place header)
    {
        _header = header;
        return Place.Name;
    }

    private Place Procedure(string word) => word switch
    {
        "AS" or "IS" => Place.BehindAs,
        _ when word.Length == 0 || Array.IndexOf(Characteristics, word) >= 0 => Place.Procedure,
        _ => Enter(word),
    };

    // Behind AS a string is code in another language.
    private Place BehindAs(string word)
    {
        if (word.Length == 0)
            return Place.Rest;
        Open(Place.Statement, declares: true);
        return Statement(word);
    }

    private Place Statement(string word)
    {
        _cases = 0;
        switch (word)
        {
            case "BEGIN":
                if (IsDeclaring)
                    _open.Pop();
                return Open(Place.Statement);
            case "LOOP" or "REPEAT":
                return Open(Place.Statement);
            case "IF" or "CASE":
                return Open(Place.UntilThen);
            case "WHILE" or "FOR":
                return Open(Place.UntilLoop);
            case "ELSEIF" or "ELSIF" or "WHEN":
                return Place.UntilThen;
            case "UNTIL":
                return Place.UntilEnd;
            case "ELSE" or "EXCEPTION" or "NOT" or "ATOMIC":
                return Place.Statement;
            case "END":
                return Close();
            case "DECLARE":
                return IsOpen ? Place.Declare : Open(Place.Statement, declares: true);
            case "PROCEDURE" when IsDeclaring:
                return Named(Place.Procedure);
            case "FUNCTION" when IsDeclaring:
                return Named(Place.Function);
            default:
                return Place.BehindFirstWord;
        }
    }

    private bool IsDeclaring => _open.TryPeek(out var declares) && declares;

    // A CASE in an expression has a THEN and an END of its own.
    private Place Expression(string word)
    {
        switch (word)
        {
            case "CASE":
                _cases++;
                return _place;
            case "END" when _isBehindOperand && _cases > 0:
                _cases--;
                return _place;
            case "END" when _isBehindOperand && _place == Place.UntilEnd:
                return Close();
            case "THEN" when _cases == 0 && _place == Place.UntilThen:
            case "LOOP" when _cases == 0 && _place == Place.UntilLoop:
            case "DO" when _cases == 0 && _place == Place.UntilLoop && _isBehindOperand:
                return Place.Statement;
            default:
                return _place;
        }
    }

    private Place Enter()
    {
        _isEntered = true;
        return Place.Statement;
    }

    private Place Enter(string word)
    {
        _isEntered = true;
        return Statement(word);
    }

    private Place Open(Place next, bool declares = false)
    {
        _open.Push(declares);
        _isEntered = true;
        return next;
    }

    private Place Close()
    {
        _open.TryPop(out _);
        return Place.Rest;
    }
}
