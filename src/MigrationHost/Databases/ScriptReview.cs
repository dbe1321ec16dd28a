using MigrationHost.Scripts;

namespace MigrationHost.Databases;

/// <summary>What is found in a script's text before anything runs.</summary>
/// <param name="Refusals">What forbids to run it, each with its line; empty if nothing does.</param>
/// <param name="Notes">What is done otherwise than the script says.</param>
internal sealed record ScriptReview(IReadOnlyList<MigrationError> Refusals, IReadOnlyList<string> Notes)
{
    /// <summary>Whether there is nothing in it that would run.</summary>
    public bool IsEmpty { get; init; }

    /// <summary>Whether a plain BEGIN and COMMIT around it are left out.</summary>
    public bool LeavesOut { get; init; }

    /// <summary>The notes that are the same for every kind of database.</summary>
    /// <param name="file">The script's path as it is configured.</param>
    /// <param name="leftOut">How many that control the transaction are left out.</param>
    public static IReadOnlyList<string> NotesOn(string file, int leftOut) =>
        leftOut == 0 ? [] : [$"{file}: its BEGIN and COMMIT are left out: {TransactionControl.Ours}"];
}
