namespace MigrationHost.Engines.Alembic;

/// <summary>The kinds of words in a Python file, as far as they matter here.</summary>
internal enum PythonTokenKind
{
    /// <summary>A name or a keyword.</summary>
    Name,

    /// <summary>A number.</summary>
    Number,

    /// <summary>A plain string; its text is its value.</summary>
    String,

    /// <summary>An f-string: its value is known only when it runs.</summary>
    FormattedString,

    /// <summary>A bracket, a comma, or any other sign: one character each.</summary>
    Sign,
}
