using MigrationHost.Layouts;
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
    [InlineData("1 2 3", "1 2 3", "3", "", "")]
    [InlineData("1 2 3", "1 2 3", "2", "", "the target 2 is below version 3, which is applied")]
    [InlineData("1 2 3", "1 2 3 9", "3", "", "the target 3 is below version 9")]
    [InlineData("1 2m", "1", null, "2", "is a migration of dbmate")]
    [InlineData("1 2m 3m 4m", "1", null, "2 3 4", "; so are 2 more files")]
    [InlineData("1 2m", "1", "1", "", "")]
    [InlineData("1m 2", "1", null, "2", "")]
    [InlineData("1m 2", "1 2", null, "", "")]
    [InlineData("1m 2nm", "1 2s", null, "2", "is a migration of dbmate")]
    [InlineData("F 1", "", null, "1", "is a folder of Atlas")]
    [InlineData("F 1 2", "1", null, "2", "")]
    [InlineData("9 10", "9", null, "10", "")]
    [InlineData("1 2", "1 2 3 4", null, "", "")]
    [InlineData("", "1 2", null, "", "")]
    [InlineData("1 2 3", "1 3", null, "2", "is out of order: version 3 is applied already")]
    [InlineData("1 3", "1 2 3", null, "", "version 2 (two) was applied")]
    [InlineData("1 2!", "1 2", null, "", "has changed since it was applied")]
    [InlineData("1 2 3", "1 2 4", null, "3", "is out of order: version 4 is applied already")]
    [InlineData("1 2n", "1 2s", null, "2", "")]
    [InlineData("1 2n!", "1 2s", null, "2", "")]
    [InlineData("1", "1 2s", null, "", "was interrupted after 1 statement, and its file is missing")]
    public void Files_and_history_decide_what_is_pending_and_what_disagrees(string files, string history, string? target, string pending, string problem)
    {
        var plan = Plan(files, history, target);

        Assert.Equal(pending, string.Join(' ', plan.Pending.Select(script => script.Version)));
        if (problem.Length == 0)
            Assert.Empty(plan.Problems);
        else
            Assert.Contains(problem, Assert.Single(plan.Problems).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "", null, "has no migration files")]
    [InlineData("1", "1 2 3", null, "it has 2, 3 from a later release")]
    [InlineData("1m 2m 3", "1 2", null, "is a migration of dbmate; so is 1 more file. What was applied stays applied")]
    [InlineData("F 1", "1", null, "is a folder of Atlas. What was applied stays applied")]
    public void What_stops_nothing_is_a_warning(string files, string history, string? target, string warning)
    {
        var plan = Plan(files, history, target);

        Assert.Contains(warning, Assert.Single(plan.Warnings).Message, StringComparison.Ordinal);
        Assert.Empty(plan.Problems);
    }

    [Theory]
    [InlineData("1 3", "1 2 3", null, " Correct the files and start again.")]
    [InlineData("1! 3", "1 2 3", null, " Correct the files and start again. 'migrationhost resolve VERSION --changed' accepts a changed file as it is.")]
    [InlineData("1", "1 2b", null, "")]
    [InlineData("1 2", "1 2d", null, "")]
    [InlineData("1", "1 2s", null, "")]
    [InlineData("F 1", "", null, "")]
    [InlineData("1 2 3", "1 2 3", "2", " 'migrationhost down --to 2' undoes what is above it.")]
    public void A_refusal_asks_for_other_files_only_if_these_are_wrong(string files, string history, string? target, string hint)
    {
        var refused = Assert.Throws<MigrationException>(() => Plan(files, history, target).ThrowIfRefused());

        Assert.Equal($"Nothing was applied in this start.{hint}", refused.Error.Hint);
    }

    [Fact]
    public void Every_problem_is_in_the_plan()
    {
        var plan = MigrationPlanner.Plan(Set("1! 2 4"), [Entry("1"), Entry("3"), Entry("4")]);

        Assert.Equal(3, plan.Problems.Count);
    }

    private static MigrationPlan Plan(string files, string history, string? target) => MigrationPlanner.Plan(
        Set(files),
        [.. history.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Entry)],
        target);

    // F is a folder that another tool keeps.
    private static MigrationSet Set(string files)
    {
        var names = files.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return new MigrationSet("migrations", NumberedVersion.Order)
        {
            Empty = new ScriptProblem("migrations", null, "holds no migrations"),
            Migrations = [.. names.Where(name => name != "F").Select(Script)],
            Findings = names.Contains("F") ? [new ScriptFinding("Atlas", "migrations", null, "is a folder of Atlas", "Remove it")] : [],
        };
    }

    // 2! has another text than was applied, 2n runs without a transaction, 2m has marks of another tool.
    private static Migration Script(string spec)
    {
        var number = spec.TrimEnd('!', 'n', 'm');
        return new Migration
        {
            Version = number,
            Description = "two",
            Checksum = spec.EndsWith('!') ? "sha256:other" : "sha256:same",
            Header = ScriptHeader.Read(spec.Contains('n', StringComparison.Ordinal) ? "-- migrationhost: transaction=none" : "", _ => { }),
            Findings = spec.EndsWith('m') ? [new ScriptFinding("dbmate", $"migrations/{number}_two.sql", 3, "is a migration of dbmate", "")] : [],
            File = $"migrations/{number}_two.sql",
            Text = () => null,
        };
    }

    // 2s was started and not finished, 2d is dirty to its tool, 2b is breaking.
    private static HistoryEntry Entry(string spec) => new()
    {
        Version = spec.TrimEnd('s', 'd', 'b'),
        Description = "two",
        Checksum = "sha256:same",
        AppliedAt = DateTimeOffset.UnixEpoch,
        DurationMs = 1,
        AppliedBy = "host:1",
        State = spec[^1] is 's' or 'd' ? HistoryState.Started : HistoryState.Applied,
        Mark = spec.EndsWith('d') ? "version 2, dirty" : null,
        IsBreaking = spec.EndsWith('b'),
        StatementsDone = spec.EndsWith('s') ? 1 : null,
    };
}
