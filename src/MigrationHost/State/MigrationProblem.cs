namespace MigrationHost;

/// <summary>One of several problems with the migrations.</summary>
/// <param name="File">The file's or folder's path as it is configured.</param>
/// <param name="Line">The line, counted from 1; null if it is the file as a whole.</param>
/// <param name="Message">What is wrong and what to do.</param>
public sealed record MigrationProblem(string? File, int? Line, string Message);
