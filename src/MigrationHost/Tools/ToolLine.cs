namespace MigrationHost.Tools;

/// <summary>
/// A line that a tool has written, without its end; a longer one than <see cref="LineSplitter.Longest"/> comes in pieces.
/// </summary>
/// <param name="Text">The text. Secrets in it are already masked, unless it is for programs.</param>
/// <param name="IsError">Whether it was written to the standard error.</param>
internal readonly record struct ToolLine(string Text, bool IsError);
