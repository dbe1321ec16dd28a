namespace MigrationHost.Engines.Alembic;

/// <summary>One word of a Python file.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">The word; for a string its value.</param>
/// <param name="Line">Where it begins, counted from 1.</param>
internal readonly record struct PythonToken(PythonTokenKind Kind, string Text, int Line)
{
    public bool IsName(string name) => Kind == PythonTokenKind.Name && Text == name;

    public bool IsSign(char sign) => Kind == PythonTokenKind.Sign && Text[0] == sign;
}
