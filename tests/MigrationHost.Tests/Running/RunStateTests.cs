using MigrationHost.Databases;
using MigrationHost.Running;

namespace MigrationHost.Tests.Running;

/// <summary>What follows from what, without a clock or a thread: times are numbers.</summary>
public sealed class RunStateTests
{
    private static readonly Lookout Nobody = (_, _) => throw new InvalidOperationException("the state only says that a look is to be taken");
    private static readonly Budget Locks = new(Seconds(30), MigrationErrorCode.Blocked);
    private static readonly Budget WorkTime = new(Seconds(60), MigrationErrorCode.DeadlineExceeded);
    private static readonly Activity Waiting = new(ActivityKind.Waiting, "a lock", Locks) { Lookout = Nobody };
    private static readonly Activity Working = new(ActivityKind.Working, "statement 2", WorkTime);
    private static readonly Activity Tool = new(ActivityKind.Working, "the tool to finish", WorkTime) { Lookout = Nobody, WhenBlocked = Waiting, ToLetGo = Seconds(15) };

    private readonly List<RunEffect> _effects = [];
    private RunState _run = new() { StallAfter = Seconds(2), Grace = Seconds(5), Now = Working };

    [Fact]
    public void Work_over_its_limit_is_cancelled_once_and_abandoned_after_the_grace()
    {
        On(59.9, new RunEvent.Ticked());
        Assert.Null(_run.Ending);

        On(60.1, new RunEvent.Ticked());
        var cancel = Assert.Single(_effects.OfType<RunEffect.Cancel>());
        Assert.Equal((Working, MigrationErrorCode.DeadlineExceeded), (cancel.Verdict.Activity, cancel.Verdict.Activity.Budget.WhenOver));

        On(65, new RunEvent.Ticked());
        Assert.Empty(_effects.OfType<RunEffect.Abandon>());
        On(65.2, new RunEvent.Ticked());
        On(80, new RunEvent.Ticked());
        Assert.Single(_effects.OfType<RunEffect.Abandon>());
        Assert.Single(_effects.OfType<RunEffect.Cancel>());
    }

    [Fact]
    public void What_turns_out_to_be_something_else_is_said_again_and_is_in_the_verdict()
    {
        var files = new Activity(ActivityKind.Trying, "the folder", new Budget(Seconds(10), MigrationErrorCode.DatabaseUnreachable));
        On(0, new RunEvent.Turned(files));
        On(1, new RunEvent.Named(files.Budget, "a file"));
        Assert.Empty(_effects);

        On(2.1, new RunEvent.Ticked());
        On(2.2, new RunEvent.Named(files.Budget, "a file"));
        On(3, new RunEvent.Named(files.Budget, "another file"));
        On(3.1, new RunEvent.Named(Locks, "not what is done now"));
        Assert.Equal(["a file", "another file"], _effects.OfType<RunEffect.SayWaiting>().Select(said => said.What));

        On(10.1, new RunEvent.Ticked());
        Assert.Equal("another file", Assert.Single(_effects.OfType<RunEffect.Cancel>()).Verdict.Activity.What);
    }

    [Fact]
    public void Waits_do_not_count_as_work_and_work_does_not_count_as_waiting()
    {
        for (var round = 0; round < 4; round++)
        {
            On((round * 15) + 10, new RunEvent.Turned(Waiting));
            On((round * 15) + 15, new RunEvent.Turned(Working));
        }

        Assert.Equal((Seconds(40 + 5), Seconds(20)), (_run.Spent(WorkTime, Seconds(65)), _run.Spent(Locks, Seconds(65))));
    }

    [Fact]
    public void A_wait_shows_at_once_and_who_is_in_the_way_once_it_is_a_stall()
    {
        On(1, new RunEvent.Turned(Waiting));
        On(2.9, new RunEvent.Ticked());
        Assert.Empty(_effects);
        Assert.Equal(("a lock", 1900, 30_000, "waiting"), Shown(2.9));

        On(3.1, new RunEvent.Ticked());
        Assert.Equal([typeof(RunEffect.SayWaiting), typeof(RunEffect.Look)], _effects.Select(effect => effect.GetType()));
        On(3.2, new RunEvent.Looked(Found("psql")));
        Assert.Equal([typeof(RunEffect.Show), typeof(RunEffect.SayFound)], _effects.Skip(2).Select(effect => effect.GetType()));
    }

    [Fact]
    public void The_same_finding_is_said_once_and_looked_for_again_every_second()
    {
        On(0, new RunEvent.Turned(Waiting));
        for (var at = 2.1; at < 6; at += 0.1)
        {
            On(at, new RunEvent.Ticked());
            if (_run.Stall is { Looking: true })
                On(at, new RunEvent.Looked(Found("psql")));
        }

        Assert.Equal((4, 4, 1), (_effects.OfType<RunEffect.Look>().Count(), _effects.OfType<RunEffect.Show>().Count(), _effects.OfType<RunEffect.SayFound>().Count()));
    }

    [Fact]
    public void Between_two_rounds_of_a_wait_it_is_still_blocked()
    {
        Block();
        On(4, new RunEvent.Turned(Working));
        On(5, new RunEvent.Ticked());
        Assert.Empty(_effects.OfType<RunEffect.Clear>());
        Assert.Equal("a lock", Shown(5).What);

        On(5.5, new RunEvent.Turned(Waiting));
        On(6, new RunEvent.Turned(Working));
        On(8.1, new RunEvent.Ticked());
        Assert.Single(_effects.OfType<RunEffect.Clear>());
        Assert.Single(_effects.OfType<RunEffect.SayOver>());
        Assert.Equal("statement 2", Shown(8.1).What);
    }

    [Fact]
    public void What_is_granted_is_no_longer_waited_for()
    {
        Block();
        On(4, new RunEvent.Turned(Working));
        On(4, new RunEvent.Granted(Locks));

        Assert.Equal((1, 1, null), (_effects.OfType<RunEffect.Clear>().Count(), _effects.OfType<RunEffect.SayOver>().Count(), _run.WaitingAt(Seconds(4.1), 0)));
        Assert.Equal(Seconds(4), _run.Spent(Locks, Seconds(10)));
    }

    [Fact]
    public void Whoever_was_named_is_in_the_verdict_even_if_the_last_look_sees_nobody()
    {
        Block();
        On(29.9, new RunEvent.Ticked());
        On(29.9, new RunEvent.Looked(Found()));
        On(30.1, new RunEvent.Ticked());
        On(30.2, new RunEvent.Looked(Found()));
        On(30.3, new RunEvent.Ticked());

        Assert.Equal("psql", Verdict().Finding?.Locks.Blockers[0].Program);
    }

    [Fact]
    public void A_last_look_that_does_not_come_back_does_not_keep_the_run_alive()
    {
        On(0, new RunEvent.Turned(Waiting));
        On(30.1, new RunEvent.Ticked());
        On(31.5, new RunEvent.Ticked());
        Assert.Null(_run.Ending);

        On(31.7, new RunEvent.Ticked());
        Assert.Equal((Waiting, null), (Verdict().Activity, Verdict().Finding));
    }

    [Fact]
    public void A_last_look_that_finds_nothing_out_is_taken_once_more()
    {
        On(0, new RunEvent.Turned(Waiting));
        On(30.1, new RunEvent.Ticked());
        On(31, new RunEvent.Looked(Unknown()));
        On(31.1, new RunEvent.Ticked());
        Assert.Equal(2, _effects.OfType<RunEffect.Look>().Count());
        Assert.Null(_run.Ending);

        On(32, new RunEvent.Looked(Found("psql")));
        On(32.1, new RunEvent.Ticked());
        Assert.True(Verdict().Finding?.Names);
    }

    [Fact]
    public void What_is_granted_during_the_last_look_is_worked_with()
    {
        On(0, new RunEvent.Turned(Waiting));
        On(30.1, new RunEvent.Ticked());
        On(30.2, new RunEvent.Turned(Working));
        On(30.3, new RunEvent.Looked(Found("psql")));
        On(33, new RunEvent.Ticked());

        Assert.Null(_run.Ending);
    }

    [Fact]
    public void A_try_shows_once_it_takes_as_long_as_a_stall()
    {
        On(1, new RunEvent.Turned(Working with { Kind = ActivityKind.Trying, What = "data/app.db to open" }));
        Assert.Null(_run.WaitingAt(Seconds(2.9), 0));
        Assert.Equal(("data/app.db to open", "no answer yet"), (Shown(3.1).What, Shown(3.1).Activity));

        On(3.1, new RunEvent.Ticked());
        Assert.Equal(new RunEffect.SayWaiting("data/app.db to open", Seconds(60)), Assert.Single(_effects));
    }

    [Fact]
    public void A_wait_that_nobody_saw_counts_as_one()
    {
        On(3, new RunEvent.WaitedUnseen(Locks, Seconds(2.5), InsteadOf: WorkTime));

        Assert.Equal((Seconds(0.5), Seconds(2.5)), (_run.Spent(WorkTime, Seconds(3)), _run.Spent(Locks, Seconds(3))));
    }

    [Fact]
    public void A_tool_that_a_look_finds_blocked_has_waited_since_it_last_went_on()
    {
        On(0, new RunEvent.Turned(Tool));
        On(4, new RunEvent.Progressed());
        On(6.1, new RunEvent.Ticked());
        On(6.3, new RunEvent.Looked(Found("psql")));
        Assert.Equal((Seconds(4), Seconds(6)), (_run.Spent(WorkTime, Seconds(10)), _run.Spent(Locks, Seconds(10))));
        Assert.Equal("a lock", Shown(10).What);

        On(10, new RunEvent.Progressed());
        On(10.1, new RunEvent.Ticked());
        Assert.Equal((Seconds(5), Seconds(6)), (_run.Spent(WorkTime, Seconds(11)), _run.Spent(Locks, Seconds(11))));
    }

    [Fact]
    public void A_tool_that_nobody_blocks_any_more_works_on()
    {
        On(0, new RunEvent.Turned(Tool));
        On(2.1, new RunEvent.Ticked());
        On(2.2, new RunEvent.Looked(Found("psql")));
        On(5, new RunEvent.Ticked());
        On(5.1, new RunEvent.Looked(Found()));

        Assert.Equal(Tool, _run.Now);
        Assert.Contains(_effects, effect => effect is RunEffect.Show { Finding.Names: false });
    }

    [Fact]
    public void A_tool_has_its_own_grace_and_what_else_is_to_let_go_gets_one_too()
    {
        On(0, new RunEvent.Turned(Tool));
        On(1, new RunEvent.ToldToStop());
        On(15, new RunEvent.Ticked());
        On(15, new RunEvent.Turned(Working));
        On(19.9, new RunEvent.Ticked());
        Assert.Empty(_effects.OfType<RunEffect.Abandon>());

        On(20.1, new RunEvent.Ticked());
        Assert.Single(_effects.OfType<RunEffect.Abandon>());
        Assert.Null(_run.Ending?.Verdict);
    }

    [Fact]
    public void The_time_of_a_turn_counts_anew_with_every_sign_of_progress_of_its_holder()
    {
        Block();
        On(25, new RunEvent.Renewed(Locks));
        Assert.Single(_effects.OfType<RunEffect.Clear>());
        On(50, new RunEvent.Ticked());

        Assert.Equal((Seconds(25), null), (_run.Spent(Locks, Seconds(50)), _run.Ending));
    }

    [Fact]
    public void Once_over_nothing_happens_any_more()
    {
        On(1, new RunEvent.Turned(Waiting));
        On(2, new RunEvent.Over());
        var over = _run;
        On(90, new RunEvent.Ticked());
        On(91, new RunEvent.ToldToStop());
        On(92, new RunEvent.Turned(Working));

        Assert.Same(over, _run);
        Assert.Empty(_effects);
    }

    private void Block()
    {
        On(0, new RunEvent.Turned(Waiting));
        On(2.1, new RunEvent.Ticked());
        On(2.2, new RunEvent.Looked(Found("psql")));
    }

    private void On(double at, RunEvent happened)
    {
        var (next, effects) = _run.On(happened, Seconds(at));
        _run = next;
        _effects.AddRange(effects);
    }

    private Verdict Verdict() => Assert.Single(_effects.OfType<RunEffect.Cancel>()).Verdict;

    private (string What, long ElapsedMs, long LimitMs, string Activity) Shown(double at) =>
        _run.WaitingAt(Seconds(at), 0) is { } shown ? (shown.What, shown.ElapsedMs, shown.LimitMs, shown.Activity) : ("", 0, 0, "");

    private static Finding Found(params string[] programs) => new(new LockDiagnosis(
        new LockReport { Database = "app", DiagnosedAt = DateTimeOffset.UnixEpoch },
        [.. programs.Select(program => new Blocker { Pid = 7, Program = program, Holds = "AccessShareLock", Resource = "orders" })]));

    private static Finding Unknown() => new(LockDiagnosis.Nothing("app", DateTimeOffset.UnixEpoch, "no answer"));

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}
