using CsCheck;
using MigrationHost.Databases;
using MigrationHost.Running;

namespace MigrationHost.Tests.Running;

/// <summary>What holds after any sequence of events, in any order.</summary>
public sealed class RunStateProperties
{
    private static readonly Lookout Anybody = (_, _) => throw new InvalidOperationException("the state only says that a look is to be taken");

    private static readonly Budget[] Budgets =
    [
        new(TimeSpan.FromSeconds(20), MigrationErrorCode.DeadlineExceeded),
        new(TimeSpan.FromSeconds(10), MigrationErrorCode.Blocked),
        new(TimeSpan.FromSeconds(5), MigrationErrorCode.DatabaseUnreachable),
    ];

    private static readonly Gen<Activity> AnyActivity =
        from kind in Gen.Enum<ActivityKind>()
        from budget in Pick(Budgets)
        from looks in Gen.Bool
        from blockable in Gen.Bool
        from grace in Gen.Bool
        select new Activity(kind, kind.ToString(), budget)
        {
            Lookout = looks ? Anybody : null,
            WhenBlocked = blockable && looks ? new Activity(ActivityKind.Waiting, "a lock", Budgets[1]) { Lookout = Anybody } : null,
            ToLetGo = grace ? TimeSpan.FromSeconds(8) : null,
        };

    private static readonly Gen<Finding> AnyFinding = Pick(Found(1), Found(2), Found(null), new Finding(LockDiagnosis.Nothing("app", DateTimeOffset.UnixEpoch, "no answer")));

    private static readonly Gen<RunEvent> Keeping = Gen.Frequency(
        (6, AnyActivity.Select(activity => (RunEvent)new RunEvent.Turned(activity))),
        (1, Gen.Select(AnyActivity, Gen.Int[0, 3000], (activity, ago) => (RunEvent)new RunEvent.FoundWaiting(activity with { Kind = ActivityKind.Waiting }, TimeSpan.FromMilliseconds(ago)))),
        (1, Gen.Select(Pick(Budgets), Gen.Int[0, 500], Pick(Budgets), (budget, time, other) => (RunEvent)new RunEvent.WaitedUnseen(budget, TimeSpan.FromMilliseconds(time), other))),
        (2, Gen.Const((RunEvent)new RunEvent.Progressed())),
        (3, AnyFinding.Select(finding => (RunEvent)new RunEvent.Looked(finding))),
        (8, Gen.Const((RunEvent)new RunEvent.Ticked())),
        (1, Pick(Budgets).Select(budget => (RunEvent)new RunEvent.Granted(budget))));

    private static readonly Gen<RunEvent> Any = Gen.Frequency(
        (20, Keeping),
        (1, Pick(Budgets).Select(budget => (RunEvent)new RunEvent.Closed(budget))),
        (1, Pick(Budgets).Select(budget => (RunEvent)new RunEvent.Renewed(budget))),
        (1, Gen.Const((RunEvent)new RunEvent.ToldToStop())),
        (1, Gen.Const((RunEvent)new RunEvent.Over())));

    [Fact]
    public void No_time_counts_twice_and_none_is_forgotten() => Sequence(Keeping).Sample(sequence =>
    {
        var (run, _, now) = Play(sequence);
        var end = run.Ending?.Since ?? now;
        Assert.Equal(end, Budgets.Aggregate(TimeSpan.Zero, (sum, budget) => sum + run.Spent(budget, end)));
    });

    [Fact]
    public void A_verdict_is_given_once_and_nothing_is_abandoned_twice() => Sequence(Any).Sample(sequence =>
    {
        var (run, effects, now) = Play(sequence);
        effects.AddRange(Wait(run, now).Effects);
        Assert.InRange(effects.Count(effect => effect is RunEffect.Cancel), 0, 1);
        Assert.InRange(effects.Count(effect => effect is RunEffect.Abandon), 0, 1);
        Assert.True(effects.FindIndex(effect => effect is RunEffect.Abandon) is var abandon && (abandon < 0 || abandon > effects.FindIndex(effect => effect is RunEffect.Cancel)));
    });

    [Fact]
    public void Every_state_has_a_limit() => Sequence(Any).Sample(sequence =>
    {
        var (run, _, now) = Play(sequence);
        var (ended, _) = Wait(run, now);
        Assert.True(ended.IsOver || ended.Ending is { Abandoned: true }, $"{ended.Now} goes on for ever");
    });

    [Fact]
    public void A_look_is_never_begun_while_one_is_under_way() => Sequence(Any).Sample(sequence =>
    {
        RunState run = Start();
        var now = TimeSpan.Zero;
        foreach (var (happened, after) in sequence)
        {
            now += TimeSpan.FromMilliseconds(after);
            var looking = run.Stall is { Looking: true };
            var (next, effects) = run.On(happened, now);
            Assert.False(looking && next.Stall is { Looking: true } && effects.Any(effect => effect is RunEffect.Look));
            run = next;
        }
    });

    [Fact]
    public void What_is_over_never_changes() => Sequence(Any).Sample(sequence =>
    {
        var over = Start().On(new RunEvent.Over(), TimeSpan.Zero).Next;
        Assert.All(sequence, step => Assert.Same(over, over.On(step.Happened, TimeSpan.FromMilliseconds(step.After)).Next));
    });

    private static Gen<T> Pick<T>(params T[] some) => Gen.Int[0, some.Length - 1].Select(at => some[at]);

    private static Gen<(RunEvent Happened, int After)[]> Sequence(Gen<RunEvent> happened) => Gen.Select(happened, Gen.Int[0, 1500]).Array[0, 60];

    private static RunState Start() => new() { StallAfter = TimeSpan.FromSeconds(2), Grace = TimeSpan.FromSeconds(5), Now = new Activity(ActivityKind.Working, "start", Budgets[0]) };

    private static (RunState Run, List<RunEffect> Effects, TimeSpan Now) Play((RunEvent Happened, int After)[] sequence)
    {
        var (run, effects, now) = (Start(), new List<RunEffect>(), TimeSpan.Zero);
        foreach (var (happened, after) in sequence)
        {
            now += TimeSpan.FromMilliseconds(after);
            var (next, more) = run.On(happened is RunEvent.FoundWaiting found ? found with { From = now - found.From } : happened, now);
            run = next;
            effects.AddRange(more);
        }
        return (run, effects, now);
    }

    /// <summary>Nothing happens but time, and no look comes back.</summary>
    private static (RunState Run, List<RunEffect> Effects) Wait(RunState run, TimeSpan now)
    {
        var effects = new List<RunEffect>();
        for (var tick = 0; tick < 1200; tick++)
        {
            var (next, more) = run.On(new RunEvent.Ticked(), now += TimeSpan.FromMilliseconds(50));
            run = next;
            effects.AddRange(more);
        }
        return (run, effects);
    }

    private static Finding Found(int? pid) => new(new LockDiagnosis(
        new LockReport { Database = "app", DiagnosedAt = DateTimeOffset.UnixEpoch },
        pid is null ? [] : [new Blocker { Pid = pid, Program = "psql", Holds = "AccessShareLock", Resource = "orders" }]));
}
