using MigrationHost.Databases;

namespace MigrationHost.Running;

/// <summary>What a look at a database's locks means to <c>doctor</c>.</summary>
internal static class LocksCheck
{
    private const string Name = "locks";
    private const int MostNamed = 5;

    public static DoctorCheck Of(LockDiagnosis diagnosis)
    {
        var report = diagnosis.Report;
        var roots = LockTree.Of(report);
        Blocker[] holders = [.. roots.SelectMany(Holders)];
        return holders.Length > 0
            ? DoctorCheck.Warning(Name, Message(holders, report.Note), Remedy([.. roots.SelectMany(root => root.Holds)]))
            : report.Complete ? DoctorCheck.Ok(Name, report.Note ?? "nobody holds a lock")
            : DoctorCheck.Warning(
                Name,
                $"whether somebody holds a lock is not known: {report.Note}",
                "Do what this names, or run 'migrationhost locks' where nothing is hidden: on the host itself, or with more rights.");
    }

    private static IEnumerable<Blocker> Holders(LockNode node) => node.Holds.Concat(node.Waiting.SelectMany(Holders));

    private static string Message(Blocker[] holders, string? note)
    {
        string?[] parts =
        [
            BlockerText.Describe(holders[..Math.Min(holders.Length, MostNamed)]),
            holders.Length > MostNamed ? $"and {holders.Length - MostNamed} more" : null,
            note,
        ];
        return string.Join("; ", parts.OfType<string>());
    }

    // The one that has to move first; the others have their own.
    private static string Remedy(Blocker[] roots)
    {
        string[] hints = [.. roots.Select(root => root.Hint).OfType<string>().Distinct()];
        return hints.Length > 1 ? $"{hints[0]} ('migrationhost locks' shows what to do about the others)"
            : hints.FirstOrDefault() ?? "'migrationhost locks' shows who waits for whom.";
    }
}
