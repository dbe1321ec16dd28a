using System.Text;

namespace MigrationHost.Layouts;

/// <summary>What goose takes from the environment between <c>ENVSUB ON</c> and <c>OFF</c>: <c>$X</c>, <c>${X}</c>, <c>${X:-default}</c>,
/// <c>${X-default}</c>, <c>${X:1:2}</c>, <c>${X?}</c>; <c>$$</c> and <c>\$</c> are a dollar.</summary>
/// <param name="values">The values, in place of the environment.</param>
/// <remarks><see href="https://github.com/mfridman/interpolate/blob/main/parser.go"/></remarks>
internal sealed class GooseVariables(IReadOnlyDictionary<string, string> values)
{
    private string _text = "";
    private int _at;

    /// <summary>The names that have no value and need one, in the text that was last filled in.</summary>
    public List<string> Missing { get; } = [];

    /// <summary>Fills in a text.</summary>
    /// <exception cref="FormatException">It has something that goose would not understand either.</exception>
    public string Fill(string text)
    {
        (_text, _at) = (text, 0);
        Missing.Clear();
        return Expression(inBrace: false, counts: true);
    }

    // What stands for a name that has a value is read and not needed: names that it lacks do not count.
    private string Expression(bool inBrace, bool counts)
    {
        var filled = new StringBuilder();
        while (_at < _text.Length && !(inBrace && _text[_at] == '}'))
        {
            var rest = _text.AsSpan(_at);
            if (rest.StartsWith(@"\\") || rest.StartsWith("$("))
                filled.Append(Take(2));
            else if (rest.StartsWith(@"\$") || rest.StartsWith("$$"))
                filled.Append(Take(2)[1]);
            else if (rest[0] == '$' && rest.Length > 1)
                filled.Append(Expansion(counts));
            else
                filled.Append(Take(1));
        }
        return filled.ToString();
    }

    private string Expansion(bool counts)
    {
        Take(1);
        if (_text[_at] != '{')
            return Value(Name(), counts);
        Take(1);
        var name = Name();
        var value = Operand(name, Operator(), counts);
        return Operator() == "}" ? value : throw new FormatException($"${{{name} has no closing brace");
    }

    private string Operand(string name, string operation, bool counts)
    {
        var given = values.GetValueOrDefault(name);
        switch (operation)
        {
            case "}":
                _at--;
                return Value(name, counts);
            case ":-" or "-":
                var isGiven = operation == "-" ? given is not null : !string.IsNullOrEmpty(given);
                var otherwise = Expression(inBrace: true, counts && !isGiven);
                return isGiven ? given! : otherwise;
            case "?":
                Expression(inBrace: true, counts: false);
                return Value(name, counts);
            case ":":
                return Part(Value(name, counts), Number(), _at < _text.Length && _text[_at] == ':' ? Number(skip: 1) : null);
            default:
                throw new FormatException($"${{{name} is followed by '{operation}'");
        }
    }

    // As in a shell: a negative offset counts from the end.
    private static string Part(string value, int? offset, int? length)
    {
        var from = offset ?? 0;
        from = Math.Clamp(from < 0 ? value.Length + from : from, 0, value.Length);
        var to = length is not { } some ? value.Length : some < 0 ? value.Length + some : from + some;
        return value[from..Math.Clamp(to, from, value.Length)];
    }

    private string Value(string name, bool counts)
    {
        if (values.TryGetValue(name, out var value))
            return value;
        if (counts)
            Missing.Add(name);
        return "";
    }

    private string Name()
    {
        var from = _at;
        while (_at < _text.Length && (char.IsLetter(_text[_at]) || _at > from && (char.IsNumber(_text[_at]) || _text[_at] == '_')))
            _at++;
        return _at > from ? _text[from.._at] : throw new FormatException("a dollar is not followed by a name");
    }

    private string Operator() => _at >= _text.Length ? "" : _text.AsSpan(_at).StartsWith(":-") ? Take(2) : Take(1);

    private int? Number(int skip = 0)
    {
        Take(skip);
        var from = _at;
        while (_at < _text.Length && _text[_at] is not (':' or '}'))
            _at++;
        return int.TryParse(_text.AsSpan(from, _at - from).Trim(), out var number)
            ? number
            : throw new FormatException($"'{_text[from.._at]}' is not a number");
    }

    private string Take(int count)
    {
        var taken = _text.Substring(_at, count);
        _at += count;
        return taken;
    }
}
