using MigrationHost.Tests.Support;

namespace MigrationHost.Tests;

/// <summary>Lines fit beside each other in a comparison of two versions.</summary>
public sealed class LinesTests
{
    private const int Longest = 140;

    private static readonly string Source = Path.Combine(MigrationHostProgram.Repository, "src");

    [Fact]
    public void No_line_of_the_source_is_longer_than_140_columns()
    {
        string[] files = [.. Directory.EnumerateFiles(Source, "*.cs", SearchOption.AllDirectories).Where(IsWritten)];
        Assert.NotEmpty(files);

        Assert.Empty(
            from file in files
            from line in File.ReadLines(file).Index()
            where line.Item.Length > Longest && !IsAddress(line.Item)
            select $"{Path.GetRelativePath(Source, file)}:{line.Index + 1} has {line.Item.Length} columns");
    }

    // A comment that is only a link: an address cannot be broken.
    private static bool IsAddress(string line) => line.TrimStart().StartsWith("//", StringComparison.Ordinal)
        && line.Contains("://", StringComparison.Ordinal)
        && line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length <= 3;

    // Builds put files of their own there.
    private static bool IsWritten(string file) =>
        !Path.GetRelativePath(Source, file).Split(Path.DirectorySeparatorChar).Any(folder => folder is "obj" or "bin");
}
