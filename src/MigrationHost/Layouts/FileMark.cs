namespace MigrationHost.Layouts;

/// <summary>A mark of another tool in a file.</summary>
/// <param name="Tool">Whose; <see cref="Layouts.Tool.Unknown"/> where it consists of words that any tool may use.</param>
/// <param name="Half">Which part begins there.</param>
/// <param name="Line">Its line, counted from 1.</param>
/// <param name="Text">The mark as it is written.</param>
internal sealed record FileMark(string Tool, Half Half, int Line, string Text)
{
    /// <summary>The word beside up or down, which both halves have; null if there is none.</summary>
    public string? Word { get; init; }

    /// <summary>The first byte behind it.</summary>
    public int End { get; init; }
}
