namespace MigrationHost.Layouts;

/// <summary>A mark of another tool in a file.</summary>
/// <param name="Tool">Whose.</param>
/// <param name="Half">Which part begins there.</param>
/// <param name="Line">Its line, counted from 1.</param>
/// <param name="Text">The mark as it is written.</param>
internal sealed record FileMark(string Tool, Half Half, int Line, string Text);
