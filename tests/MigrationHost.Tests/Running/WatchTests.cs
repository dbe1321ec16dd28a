using MigrationHost.Databases;

using MigrationHost.Platform;
using MigrationHost.Running;
using MigrationHost.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace MigrationHost.Tests.Running;

/// <summary>The watch as its run, its database and the watchdog's thread see it, with a clock that the test moves.</summary>
public sealed class WatchTests : IDisposable
{
    private static readonly Timeouts Limits = Timeouts.Default with
    {
        StallAfter = TimeSpan.FromSeconds(2),
        Migration = TimeSpan.FromMinutes(1),
        Grace = TimeSpan.FromSeconds(5),
        Lock = TimeSpan.FromSeconds(30),
    };

    private readonly ManualTime _time = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly LogLines _log = new();
    private readonly DatabaseState _state;
    private readonly AttemptState _attempt;
    private readonly Watch _watch;
    private Func<LockDiagnosis> _locks = () => Diagnosis();
    private int _looks;

    public WatchTests()
    {
        _state = new DatabaseState("app", DatabaseProvider.Sqlite, EngineKind.Sql, "app.db", _time);
        _attempt = _state.BeginAttempt();
        var looks = new SharedLook<LockDiagnosis>("app", Look, why => LockDiagnosis.Nothing("app", default, why), _time, NullLogger.Instance);
        Lookout lookout = async (maxAge, within) => new Finding((await looks.TakeAsync(maxAge, within)).Found);
        _watch = new Watch(_attempt, Limits, lookout, _time, _log, _stopping.Token);
        _attempt.Follow(_watch);
        _attempt.Enter(MigrationPhase.Migrating);
    }

    public void Dispose()
    {
        _watch.Dispose();
        _stopping.Dispose();
    }

    [Fact]
    public async Task Work_over_its_limit_is_cancelled_with_a_verdict_and_abandoned_after_the_grace()
    {
        Work();
        Pass(TimeSpan.FromSeconds(59));
        Assert.Null(_watch.Verdict);

        Pass(TimeSpan.FromSeconds(2));
        await BecomesAsync(() => _watch.Token.IsCancellationRequested);
        Assert.Equal((MigrationErrorCode.DeadlineExceeded, 14), (_watch.Verdict?.Activity.Budget.WhenOver, _watch.Verdict?.Running?.Line));
        Assert.Throws<OperationCanceledException>(_watch.ThrowIfEnding);
        Assert.False(_watch.Abandoned.IsCompleted);

        Pass(TimeSpan.FromSeconds(6));
        Assert.True(_watch.Abandoned.IsCompleted);
    }

    [Fact]
    public void What_work_has_spent_is_forgotten_with_its_end_so_that_ten_thousand_migrations_cost_as_much_each_as_one()
    {
        var work = new Activity(ActivityKind.Working, "migration 4 to finish", new Budget(Limits.Migration, MigrationErrorCode.DeadlineExceeded));
        using (_watch.Work(work))
        {
            Pass(TimeSpan.FromSeconds(3));
            Assert.Equal(TimeSpan.FromSeconds(3), _watch.Spent(work.Budget));
        }

        Assert.Equal(TimeSpan.Zero, _watch.Spent(work.Budget));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Files_are_given_up_once_none_of_them_was_read_for_too_long_however_many_there_are(bool goesOn)
    {
        var files = new FilesInHand(_time);
        void Read() => _watch.Read("migrations", () => Enumerable.Range(0, 10).Sum(file => files.Read($"{file}", () =>
        {
            Pass(Limits.DatabaseWait / 2);
            if (!goesOn && file == 5)
                Pass(Limits.DatabaseWait);
            return 1;
        })), files);

        if (goesOn)
            Read();
        else
            Assert.Throws<OperationCanceledException>(Read);

        Assert.Equal(goesOn, _watch.Verdict is null);
    }

    [Fact]
    public void The_same_statements_once_more_are_no_progress_to_those_who_wait_for_their_turn()
    {
        Work();
        var mark = _watch.Mark;

        _watch.Tell(new Progress.Statement(1, 5, 1));
        _watch.Tell(new Progress.Statement(2, 5, 14));
        Assert.Equal(mark, _watch.Mark);

        _watch.Tell(new Progress.Statement(3, 5, 15));
        Assert.NotEqual(mark, _watch.Mark);
    }

    [Fact]
    public async Task A_pause_between_two_attempts_ends_when_those_who_were_in_the_way_are_gone()
    {
        using var wait = NewWait("a lock");
        var holders = new Holders(true, true, false);

        // The clock of the pause stands still: it can only end early.
        await wait.PauseAsync(holders);

        Assert.Equal(3, holders.Asked);
    }

    [Fact]
    public async Task A_stall_is_diagnosed_and_published_and_over_with_the_wait()
    {
        _locks = () => Diagnosis("python3");
        using var wait = NewWait("a lock");
        _watch.TurnTo(wait.Doing(ActivityKind.Waiting));
        Pass(TimeSpan.FromSeconds(1.9));
        Assert.Equal((false, 0), (_state.Read().Blocked, _looks));

        Pass(TimeSpan.FromSeconds(0.2));
        await BecomesAsync(() => _state.Read().Blocked);
        Assert.Equal("python3", _state.Read().Blockers[0].Program);
        Assert.Equal(("a lock", 2100), (_state.Read().WaitingFor?.What, _state.Read().WaitingFor?.ElapsedMs));

        wait.Dispose();
        _watch.TurnTo(_watch.OwnWork("the rest"));
        Assert.Equal((false, null), (_state.Read().Blocked, _state.Read().WaitingFor));
    }

    [Fact]
    public void Waits_inside_a_statement_count_for_their_lock_and_not_as_work()
    {
        using var wait = NewWait("");
        Work(wait);
        for (var round = 0; round < 4; round++)
        {
            Assert.True(_watch.MayTryAgain("a lock"));
            Pass(TimeSpan.FromSeconds(2));
            Assert.Equal(WaitStatus.Waiting, _state.Read().WaitingFor?.Activity);
            Assert.True(_watch.MayTryAgain("a lock"));
            _watch.Advance();
            Pass(TimeSpan.FromSeconds(5));
        }
        Assert.Equal(TimeSpan.FromSeconds(8), wait.Spent);

        Assert.True(_watch.MayTryAgain("a lock"));
        Pass(Limits.LockAttempt);
        Assert.False(_watch.MayTryAgain("a lock"), "an attempt is over");
        Assert.Null(_watch.Verdict);
    }

    [Fact]
    public void A_wait_inside_the_server_counts_from_its_beginning_and_is_over_once_the_server_says_so()
    {
        using var wait = NewWait("");
        Work(wait);
        Pass(TimeSpan.FromSeconds(3));
        _watch.Tell(new Progress.Waiting("a lock on orders", TimeSpan.FromSeconds(2)));
        Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(("a lock on orders", TimeSpan.FromSeconds(3)), (_state.Read().WaitingFor?.What, wait.Spent));

        _watch.Tell(new Progress.Waiting(null));
        Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.FromSeconds(3), wait.Spent);
        Assert.Null(_state.Read().WaitingFor);
    }

    [Fact]
    public void A_lock_that_the_server_refuses_counts_as_waited_for_whether_that_was_seen_or_not()
    {
        using var wait = NewWait("");
        Work(wait);
        Pass(TimeSpan.FromSeconds(10));
        _watch.Tell(new Progress.LockRefused(TimeSpan.FromSeconds(10)));

        Assert.Equal(Limits.LockAttempt, wait.Spent);
    }

    [Fact]
    public void Work_that_goes_on_is_never_diagnosed()
    {
        Work();
        for (var second = 0; second < 50; second++)
        {
            _watch.Advance();
            Pass(TimeSpan.FromSeconds(1));
        }
        Assert.Equal(0, _looks);
        Assert.StartsWith("running", _state.Read().WaitingFor?.Activity, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_first_try_that_does_not_come_back_shows_and_is_ended_like_any_wait()
    {
        using var wait = NewWait("", TimeSpan.FromSeconds(10));
        var run = wait.UntilAsync<string>("the database", async () =>
        {
            await Task.Delay(Timeout.Infinite, _watch.Token);
            return null;
        });
        Pass(TimeSpan.FromSeconds(3));
        Assert.Equal("the database", _watch.WaitingFor?.What);

        Pass(TimeSpan.FromSeconds(8));
        await BecomesAsync(() => _watch.Token.IsCancellationRequested);
        Assert.Equal(MigrationErrorCode.Blocked, _watch.Verdict?.Activity.Budget.WhenOver);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    [Fact]
    public async Task A_diagnosis_that_hangs_or_fails_holds_nothing_up()
    {
        using var over = new ManualResetEventSlim();
        _locks = () =>
        {
            over.Wait();
            throw new IOException("nobody answers");
        };
        _watch.TurnTo(NewWait("a lock").Doing(ActivityKind.Waiting));
        Pass(TimeSpan.FromSeconds(31));
        await BecomesAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return _watch.Token.IsCancellationRequested;
        });
        Assert.Equal(MigrationErrorCode.Blocked, _watch.Verdict?.Activity.Budget.WhenOver);
        over.Set();
    }

    [Fact]
    public void Told_to_stop_it_is_abandoned_only_after_the_grace()
    {
        Work();
        _stopping.Cancel();
        Pass(TimeSpan.FromSeconds(4));
        Assert.False(_watch.Abandoned.IsCompleted);
        Pass(TimeSpan.FromSeconds(3));
        Assert.True(_watch.Abandoned.IsCompleted);
        Assert.Null(_watch.Verdict);
    }

    [Fact]
    public void A_sample_that_fails_is_told_once_and_ends_nothing()
    {
        var samples = 0;
        _watch.TurnTo(_watch.OwnWork("a tool") with { Sample = () => throw new InvalidOperationException($"sample {++samples}") });
        Pass(TimeSpan.FromSeconds(1));
        Pass(TimeSpan.FromSeconds(1));

        Assert.Equal((1, null), (samples, _watch.Verdict));
        Assert.Contains("sample 1", Assert.Single(_log.All), StringComparison.Ordinal);
    }

    [Fact]
    public void An_attempt_that_was_given_up_says_nothing_any_more()
    {
        Work();
        _attempt.Fail(MigrationPhase.Abandoned, new MigrationError { Code = MigrationErrorCode.DeadlineExceeded, Message = "given up" }, null);
        var ended = _state.Read();

        _watch.Advance();
        _attempt.Enter(MigrationPhase.Verifying);
        _attempt.See(SchemaView.Nothing with { Current = "9" });
        _attempt.Diagnosed([new Blocker { Pid = 1, Program = "psql", Holds = "a lock", Resource = "orders" }], default);
        _attempt.Ready();
        Assert.Equal(ended, _state.Read());

        _state.BeginAttempt().Ready();
        _attempt.Fail(MigrationPhase.Failed, new MigrationError { Code = MigrationErrorCode.Unexpected, Message = "too late" }, null);
        Assert.Equal((MigrationPhase.Ready, null), (_state.Read().Phase, _state.Read().Error));
    }

    private Wait NewWait(string what, TimeSpan? limit = null) =>
        new(_watch, new Budget(limit ?? Limits.Lock, MigrationErrorCode.Blocked), TimeSpan.FromMilliseconds(1), _time) { What = what };

    private void Work(Wait? locks = null)
    {
        _watch.Begins("4", "add", locks ?? NewWait(""));
        _watch.Work(new Activity(ActivityKind.Working, "migration 4 to finish", new Budget(Limits.Migration, MigrationErrorCode.DeadlineExceeded)));
        _watch.Tell(new Progress.Statement(2, 5, 14));
        _watch.Tick();
    }

    private void Pass(TimeSpan time)
    {
        _time.Advance(time);
        _watch.Tick();
    }

    private Task BecomesAsync(Func<bool> condition) => Eventually.BecomesTrueAsync(() =>
    {
        _watch.Tick();
        return condition();
    });

    private ValueTask<LockDiagnosis> Look(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _looks);
        return ValueTask.FromResult(_locks());
    }

    private static LockDiagnosis Diagnosis(params string[] programs) => new(
        new LockReport { Database = "app", DiagnosedAt = default },
        [.. programs.Select(program => new Blocker { Pid = 4837, Program = program, Holds = "RESERVED", Resource = "app.db" })]);

    private sealed class Holders(params bool[] there) : ISeesHolders
    {
        public int Asked { get; private set; }

        public ValueTask<bool> IsHeldUpAsync(CancellationToken cancellationToken) => ValueTask.FromResult(there[Asked++]);
    }
}
