namespace MigrationHost;

/// <summary>The names of databases. They appear in addresses and logs.</summary>
internal static class DatabaseName
{
    private const int Longest = 63;

    public const string Rule =
        "is not a usable name, since it appears in addresses. Use letters, digits, '-', '_' and '.', a letter or digit first, at most 63";

    public static bool IsUsable(string name) =>
        name.Length is > 0 and <= Longest && char.IsAsciiLetterOrDigit(name[0])
            && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.');

    /// <summary>A database's place in the settings, for messages.</summary>
    /// <param name="name">Its name: one that is not usable is not quoted.</param>
    /// <param name="index">Its position, counted from 0.</param>
    public static string Path(string name, int index) =>
        $"MigrationHost:Databases:{(IsUsable(name) ? name : $"(the {Ordinal.Of(index + 1)} name in alphabetical order)")}";
}
