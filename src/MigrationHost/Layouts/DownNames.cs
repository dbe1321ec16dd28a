using System.Text.RegularExpressions;
using MigrationHost.Scripts;

namespace MigrationHost.Layouts;

/// <summary>Recognises a script that undoes another file by their two names: <c>1_add_users_up.sql</c> and
/// <c>2_add_users_down.sql</c>.</summary>
/// <remarks>No name says it alone: <c>5_scale_down.sql</c> is a migration, and <c>9_revert_add_users.sql</c>, long after
/// <c>1_add_users.sql</c>, is one that takes back an earlier one and is to run.</remarks>
internal static partial class DownNames
{
    /// <summary>What stands between two words.</summary>
    private const string Between = "_-. ";

    private static readonly string[] Ups = ["up", "do"];
    private static readonly string[] Downs = ["down", "undo", "rollback", "revert"];

    /// <summary>What a name says.</summary>
    /// <param name="Version">Its version in the one form.</param>
    /// <param name="Rest">Its description without the word for a direction.</param>
    /// <param name="Word">That word; null if it has none.</param>
    private sealed record Said(string Version, string Rest, string? Word)
    {
        public bool IsDown => Word is not null && Downs.Contains(Word);
    }

    /// <summary>Whether a file undoes another one.</summary>
    public static bool Undoes(string name, string other) =>
        Of(name) is { IsDown: true } down && Of(other) is { } up && Undoes(down, up);

    /// <summary>The scripts that undo another file, with that file.</summary>
    /// <param name="names">All files of the folder.</param>
    public static Dictionary<string, string> In(IReadOnlyList<string> names)
    {
        if (!names.Any(MayBeDown))
            return [];
        List<(string Name, Said Said)> all = [.. names.Select(name => (name, Of(name)!)).Where(file => file.Item2 is not null)];
        var ups = all.Where(file => !file.Said.IsDown).ToLookup(file => file.Said.Rest);
        var found = new Dictionary<string, string>();
        foreach (var (name, said) in all.Where(file => file.Said.IsDown))
        {
            if (ups[said.Rest].FirstOrDefault(up => Undoes(said, up.Said)).Name is { } undone)
                found.Add(name, undone);
        }
        return found;
    }

    /// <summary>The finding about one that would be run as a migration.</summary>
    public static ScriptFinding Finding(string file, string undone) => new(
        UpDownFiles.DownScript,
        file,
        null,
        $"undoes {undone}, as its name says, and must not run",
        "Move it out of the folder, or give it another name if it is a migration") { WhilePending = true };

    private static bool Undoes(Said down, Said up) =>
        !up.IsDown && down.Rest == up.Rest && (up.Word is not null || down.Version == up.Version || down.Word == "down");

    // The same as below in most of all cases, for a fraction of the time.
    private static bool MayBeDown(string name)
    {
        var words = Path.GetFileNameWithoutExtension(name.AsSpan()).Trim(Between).TrimStart("0123456789").TrimStart(Between);
        foreach (var word in Downs)
        {
            if (words.StartsWith(word, StringComparison.OrdinalIgnoreCase) || words.EndsWith(word, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }

    private static Said? Of(string name)
    {
        if (Numbered().Match(name) is not { Success: true } match)
            return null;
        string[] words = match.Groups["words"].Value.ToLowerInvariant().Split(Between.ToCharArray(), StringSplitOptions.RemoveEmptyEntries);
        var version = NumberedVersion.Read(match.Groups["version"].ValueSpan)!;
        return words switch
        {
            [.. var before, var last] when IsDirection(last) => new(version, string.Join(' ', before), last),
            [var first, .. var behind] when IsDirection(first) => new(version, string.Join(' ', behind), first),
            _ => new(version, string.Join(' ', words), null),
        };
    }

    private static bool IsDirection(string word) => Ups.Contains(word) || Downs.Contains(word);

    [GeneratedRegex($@"^(?<version>\d+)[-_.](?<words>.+)\.(?:sql|{CodeFiles.Languages})$", RegexOptions.IgnoreCase)]
    private static partial Regex Numbered();
}
