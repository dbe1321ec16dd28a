using System.Globalization;

namespace MigrationHost.Databases.MySql;

/// <summary>A value that ended with its session, and that saying the same again would not bring back.</summary>
/// <param name="Name">Its name.</param>
/// <param name="By">The number of the statement that had set it.</param>
/// <param name="Kind">What it was.</param>
internal sealed record LostValue(string Name, int By, LostKind Kind)
{
    /// <summary>Whether it is read, if at all, by what the statement runs: a routine, a trigger, a prepared text.</summary>
    public bool IsReadWithin { get; init; }

    /// <summary>What is wrong with a statement that needs it.</summary>
    public string Problem =>
        $"{Use}, which statement {By.ToString(CultureInfo.InvariantCulture)} {(Kind == LostKind.Hidden ? "may have" : "had")} set "
            + "in a session that has ended: its value cannot be found out any more";

    /// <summary>How to say in the script what it was.</summary>
    /// <param name="from">The number of the first statement that is left.</param>
    public string Remedy(int from) =>
        $"{Correction}, from statement {from.ToString(CultureInfo.InvariantCulture)} on, and start again.";

    private string Use => Kind switch
    {
        LostKind.OfSession => $"runs under {Name}",
        LostKind.Prepared => $"runs the prepared statement {Name}",
        _ when IsReadWithin => $"may read {Name} in what it runs",
        _ => $"reads {Name}",
    };

    private string Correction => Kind switch
    {
        LostKind.OfSession => $"Set {Name} to its value again",
        LostKind.Prepared => $"Write the text of {Name} into the script in its place",
        _ when IsReadWithin => $"Set {Name} to its value again",
        _ => $"Write the value into the script in place of {Name}",
    };
}
