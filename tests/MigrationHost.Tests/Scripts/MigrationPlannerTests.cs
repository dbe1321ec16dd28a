using MigrationHost.Scripts;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Scripts;

public sealed class MigrationPlannerTests
{
    [Theory]
    [InlineData("1 2 3", "", null, "1 2 3", "")]
    [InlineData("1 2 3", "1 2", null, "3", "")]
    [InlineData("1 2 3", "1 2 3", null, "", "")]
    [InlineData("", "", null, "", "")]
    [InlineData("1 2 3", "1", "2", "2", "")]
    [InlineData("1 2 3", "1 2 3", "2", "", "")]
    [InlineData("9 10", "9", null, "10", "")]
    [InlineData("1 2", "1 2 3 4", null, "", "")]
    [InlineData("", "1 2", null, "", "")]
    [InlineData("1 2 3", "1 3", null, "2", "comes out of order: version 3 is applied already")]
    [InlineData("1 3", "1 2 3", null, "", "version 2 (two) was applied")]
    [InlineData("1 2!", "1 2", null, "", "has changed since it was applied")]
    [InlineData("1 2 3", "1 2 4", null, "3", "comes out of order: version 4 is applied already")]
    [InlineData("1 2n", "1 2s", null, "2", "")]
    [InlineData("1 2n!", "1 2s", null, "2", "")]
    [InlineData("1 2", "1 2s", null, "2", "was begun with transaction=none and interrupted")]
    [InlineData("1", "1 2s", null, "", "was interrupted after 1 statements, and its file is missing")]
    public void Files_and_history_decide_what_is_pending_and_what_disagrees(string files, string history, string? target, string pending, string problem)
    {
        var plan = MigrationPlanner.Plan("migrations", [.. files.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Script)], [.. history.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Entry)], target is null ? null : Versions.Of(target));

        Assert.Equal(pending, string.Join(' ', plan.Pending.Select(script => script.Version)));
        if (problem.Length == 0)
            Assert.Empty(plan.Problems);
        else
            Assert.Contains(problem, Assert.Single(plan.Problems).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "", null, "has no migration files")]
    [InlineData("1", "1 2 3", null, "it has 2, 3 from a later release")]
    [InlineData("1 2", "1 2", "1", "the target 1 is below the current version 2")]
    public void What_stops_nothing_is_a_warning(string files, string history, string? target, string warning)
    {
        var plan = MigrationPlanner.Plan("migrations", [.. files.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Script)], [.. history.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Entry)], target is null ? null : Versions.Of(target));

        Assert.Contains(warning, Assert.Single(plan.Warnings), StringComparison.Ordinal);
        Assert.Empty(plan.Problems);
    }

    [Fact]
    public void Every_problem_is_in_the_plan()
    {
        var plan = MigrationPlanner.Plan("migrations", [Script("1!"), Script("2"), Script("4")], [Entry("1"), Entry("3"), Entry("4")], null);

        Assert.Equal(3, plan.Problems.Count);
    }

    // 2! has another text than was applied, 2n runs without a transaction.
    private static MigrationScript Script(string spec)
    {
        var number = spec.TrimEnd('!', 'n');
        return new MigrationScript
        {
            Version = Versions.Of(number),
            Description = "two",
            Checksum = spec.EndsWith('!') ? "sha256:other" : "sha256:same",
            Header = ScriptHeader.Read(spec.Contains('n', StringComparison.Ordinal) ? "-- migrationhost: transaction=none" : "", _ => { }),
            File = $"migrations/{number}_two.sql",
            FullPath = "",
        };
    }

    // 2s was started and not finished.
    private static HistoryEntry Entry(string spec) => new()
    {
        Version = Versions.Of(spec.TrimEnd('s')),
        Description = "two",
        Checksum = "sha256:same",
        AppliedAt = DateTimeOffset.UnixEpoch,
        DurationMs = 1,
        AppliedBy = "host:1",
        State = spec.EndsWith('s') ? HistoryState.Started : HistoryState.Applied,
        StatementsDone = spec.EndsWith('s') ? 1 : null,
    };
}
