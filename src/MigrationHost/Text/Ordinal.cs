namespace MigrationHost;

/// <summary>Positions in words: what was not understood is named by its position, never quoted, since it may be a secret.</summary>
internal static class Ordinal
{
    private static readonly string[] Words =
        ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];

    /// <param name="number">Counted from 1.</param>
    public static string Of(int number) => number > 0 && number <= Words.Length ? Words[number - 1] : $"{number}{Suffix(number)}";

    private static string Suffix(int number) => (number % 100, number % 10) switch
    {
        (11 or 12 or 13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
}
