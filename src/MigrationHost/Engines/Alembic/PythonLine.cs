namespace MigrationHost.Engines.Alembic;

/// <summary>One logical line: what Python takes for a line, however many lines of the file it covers.</summary>
/// <param name="Line">Where it begins, counted from 1.</param>
/// <param name="Indent">Its indentation in columns.</param>
/// <param name="Tokens">Its words, without comments.</param>
internal sealed record PythonLine(int Line, int Indent, IReadOnlyList<PythonToken> Tokens);
