using MigrationHost.Running;

namespace MigrationHost.Tests.State;

/// <summary>Which migrations a start has applied, as those see it who are told of its changes late or of some of them only.</summary>
public sealed class StatusChangeTests
{
    private static readonly AppliedMigration[] All = [Applied("1"), Applied("2"), Applied("3")];

    private readonly DatabaseState _state = new("app", DatabaseProvider.Sqlite, EngineKind.Sql, "app.db", TimeProvider.System);
    private readonly AttemptState _attempt;
    private readonly DatabaseStatus _start;

    public StatusChangeTests() => (_attempt, _start) = (_state.BeginAttempt(), _state.Read());

    [Fact]
    public void Who_is_told_only_once_all_is_done_hears_of_every_migration_of_this_start_and_of_none_before()
    {
        _attempt.See(new SchemaView { Applied = All[..1] });
        var planned = _state.Read();
        _attempt.See(new SchemaView { Applied = All[..2] });
        var between = _state.Read();
        _attempt.See(new SchemaView { Applied = All });
        var end = _state.Read();

        Assert.Equal(["2", "3"], Versions(end.AppliedSince(_start)));
        Assert.Equal(["2"], Versions(between.AppliedSince(planned)));
        Assert.Equal(["3"], Versions(end.AppliedSince(between)));
        Assert.Empty(planned.AppliedSince(_start));
    }

    [Fact]
    public void What_a_child_has_applied_is_told_once_it_has_said_what_was_there_before()
    {
        _attempt.Committed(All[2]);
        var early = _state.Read();
        Assert.Empty(early.AppliedSince(_start));

        _attempt.Mirror(early with { Applied = All, AppliedCount = 3 }, whole: true, appliedBefore: 2);

        Assert.Equal(["3"], Versions(_state.Read().AppliedSince(early)));
        Assert.Equal(["3"], Versions(_state.Read().AppliedSince(_start)));
    }

    private static IEnumerable<string> Versions(IEnumerable<AppliedMigration> applied) => applied.Select(one => one.Version);

    private static AppliedMigration Applied(string version) => new()
    {
        Version = version,
        Description = "a",
        Checksum = null,
        AppliedAt = default,
        DurationMs = 1,
        AppliedBy = Instance.Name,
    };
}
