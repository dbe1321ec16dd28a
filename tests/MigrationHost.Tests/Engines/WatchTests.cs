using MigrationHost.Databases;
using MigrationHost.Engines;
using MigrationHost.Scripts;
using MigrationHost.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace MigrationHost.Tests.Engines;

/// <summary>What follows when a run takes too long, with a clock that the test moves.</summary>
public sealed class WatchTests : IDisposable
{
    private static readonly Timeouts Limits = Timeouts.Default with { StallAfter = TimeSpan.FromSeconds(2), Migration = TimeSpan.FromMinutes(1), Grace = TimeSpan.FromSeconds(5), Lock = TimeSpan.FromSeconds(30) };

    private readonly ManualTime _time = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly FakeLocks _locks = new();
    private readonly DatabaseState _state;
    private readonly Watch _watch;

    public WatchTests()
    {
        _state = new DatabaseState("app", DatabaseProvider.Sqlite, EngineKind.Sql, "app.db", _time);
        _watch = new Watch(_state, Limits, new Diagnostician("app", _locks, _time, NullLogger.Instance), _time, NullLogger.Instance, _stopping.Token);
        _state.BeginAttempt(_watch);
        _state.Enter(MigrationPhase.Migrating);
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
        await Eventually.BecomesTrueAsync(() => Ticked(_watch.Token.IsCancellationRequested));
        Assert.Equal((MigrationErrorCode.DeadlineExceeded, "migrations/4_add.sql", 14), (_watch.Verdict?.Code, _watch.Verdict?.File, _watch.Verdict?.Line));
        Assert.False(_watch.Abandoned.IsCompleted);

        Pass(TimeSpan.FromSeconds(6));
        Assert.True(_watch.Abandoned.IsCompleted);
    }

    [Fact]
    public void What_was_granted_is_no_longer_shown_as_waited_for_once_the_work_goes_on()
    {
        Work();
        using var wait = _watch.NewWait(Limits.Lock, MigrationErrorCode.Blocked, TimeSpan.FromMilliseconds(1));
        wait.What = "a lock";
        _watch.Waits(wait);
        Pass(TimeSpan.FromSeconds(5));
        Assert.Equal("a lock", _watch.WaitingFor?.What);

        _watch.GoesOn(wait);
        Pass(TimeSpan.FromSeconds(1));
        Assert.Equal("a lock", _watch.WaitingFor?.What);
        Pass(TimeSpan.FromSeconds(2));
        Assert.NotEqual("a lock", _watch.WaitingFor?.What);
    }

    [Fact]
    public void Waits_do_not_count_as_work()
    {
        Work();
        using var wait = _watch.NewWait(Limits.Lock, MigrationErrorCode.Blocked, TimeSpan.FromMilliseconds(1));
        wait.What = "a lock";
        for (var round = 0; round < 4; round++)
        {
            Pass(TimeSpan.FromSeconds(10));
            _watch.Waits(wait);
            Pass(TimeSpan.FromSeconds(5));
            _watch.GoesOn(wait);
        }
        Pass(TimeSpan.FromSeconds(15));

        Assert.Null(_watch.Verdict);
        Assert.Equal(TimeSpan.FromSeconds(20), wait.Clock.Elapsed);
    }

    [Fact]
    public async Task A_stall_is_diagnosed_and_published_and_over_with_the_wait()
    {
        _locks.Blockers = [new Blocker { Pid = 4837, Program = "python3", Holds = "RESERVED", Resource = "app.db" }];
        var wait = _watch.NewWait(Limits.Lock, MigrationErrorCode.Blocked, TimeSpan.FromMilliseconds(1));
        wait.What = "a lock";
        _watch.Waits(wait);
        Pass(TimeSpan.FromSeconds(1.9));
        Assert.Equal((false, 0), (_state.Read().Blocked, _locks.Looks));

        Pass(TimeSpan.FromSeconds(0.2));
        await Eventually.BecomesTrueAsync(() => Ticked(_state.Read().Blocked));
        Assert.Equal(4837, _state.Read().Blockers[0].Pid);
        Assert.Equal(("a lock", 2100), (_state.Read().WaitingFor?.What, _state.Read().WaitingFor?.ElapsedMs));

        _watch.GoesOn(wait);
        Pass(TimeSpan.FromSeconds(1));
        Assert.True(_state.Read().Blocked, "between two rounds of a wait it is still blocked");

        wait.Dispose();
        Assert.Equal((false, null), (_state.Read().Blocked, _state.Read().WaitingFor));
    }

    [Fact]
    public async Task Who_was_seen_stays_known_where_a_later_look_finds_nothing_out()
    {
        _locks.Blockers = [new Blocker { Pid = 4837, Program = "python3", Holds = "RESERVED", Resource = "app.db" }];
        var wait = _watch.NewWait(Limits.Lock, MigrationErrorCode.Blocked, TimeSpan.FromMilliseconds(1));
        wait.What = "a lock";
        _watch.Waits(wait);
        Pass(TimeSpan.FromSeconds(3));
        await Eventually.BecomesTrueAsync(() => Ticked(_state.Read().Blocked));

        _locks.Fails = true;
        var looks = _locks.Looks;
        Pass(TimeSpan.FromSeconds(2));
        await Eventually.BecomesTrueAsync(() => Ticked(_locks.Looks > looks));
        Assert.EndsWith("for a lock: python3 (pid 4837) holds RESERVED on app.db", (await _watch.OutOfTimeAsync(wait)).Error.Message, StringComparison.Ordinal);

        wait.Dispose();
        Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(4837, Assert.Single(_state.Read().Blockers).Pid);
    }

    [Fact]
    public void A_wait_that_is_over_is_told_once_even_where_a_look_comes_late()
    {
        var log = new LogLines();
        var stall = new StallReport(_state, new Diagnostician("app", _locks, _time, NullLogger.Instance), log);
        stall.Look("a lock", Limits.Lock, () => true);
        stall.Over(TimeSpan.FromSeconds(3));
        stall.Look("a lock", Limits.Lock, () => false);

        Assert.Equal(2, log.All.Count);
        Assert.Contains("the wait for a lock ended", log.All.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public void Waits_inside_a_statement_count_for_their_lock_and_not_as_work()
    {
        using var wait = _watch.NewWait(Limits.Lock, MigrationErrorCode.Blocked, TimeSpan.FromMilliseconds(1));
        Work(wait);
        for (var round = 0; round < 4; round++)
        {
            Assert.True(_watch.Refused("a lock"));
            Pass(TimeSpan.FromSeconds(2));
            Assert.Equal("waiting", _state.Read().WaitingFor?.Activity);
            Assert.True(_watch.Refused("a lock"));
            _watch.Advance();
            Pass(TimeSpan.FromSeconds(5));
        }
        Assert.Equal(TimeSpan.FromSeconds(8), wait.Clock.Elapsed);

        Assert.True(_watch.Refused("a lock"));
        Pass(Limits.LockAttempt);
        Assert.False(_watch.Refused("a lock"), "an attempt is over");
        Assert.Null(_watch.Verdict);
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
        Assert.Equal(0, _locks.Looks);
        Assert.StartsWith("running", _state.Read().WaitingFor?.Activity, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wait_that_is_stuck_in_the_driver_is_ended_from_outside()
    {
        using var wait = _watch.NewWait(TimeSpan.FromSeconds(10), MigrationErrorCode.DatabaseUnreachable, TimeSpan.FromMilliseconds(1));
        wait.What = "the database";
        _watch.Waits(wait);

        Pass(TimeSpan.FromSeconds(10) + Limits.LockAttempt + TimeSpan.FromSeconds(1));
        await Eventually.BecomesTrueAsync(() => Ticked(_watch.Token.IsCancellationRequested));

        Assert.Equal(MigrationErrorCode.DatabaseUnreachable, _watch.Verdict?.Code);
    }

    [Fact]
    public async Task A_first_try_that_does_not_come_back_shows_and_is_ended_like_any_wait()
    {
        using var wait = _watch.NewWait(TimeSpan.FromSeconds(10), MigrationErrorCode.DatabaseUnreachable, TimeSpan.FromMilliseconds(1));
        var run = wait.UntilAsync<string>("the database", async () =>
        {
            await Task.Delay(Timeout.Infinite, _watch.Token);
            return null;
        });
        await Eventually.BecomesTrueAsync(() => Ticked(_watch.WaitingFor is { What: "the database" }));

        Pass(TimeSpan.FromSeconds(10) + Limits.LockAttempt + TimeSpan.FromSeconds(1));
        await Eventually.BecomesTrueAsync(() => Ticked(_watch.Token.IsCancellationRequested));
        Assert.Equal(MigrationErrorCode.DatabaseUnreachable, _watch.Verdict?.Code);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    [Fact]
    public async Task A_diagnosis_that_hangs_holds_nothing_up()
    {
        _locks.Hangs = true;
        Work();
        Pass(TimeSpan.FromSeconds(61));
        Pass(TimeSpan.FromSeconds(2));
        await Eventually.BecomesTrueAsync(() => Ticked(_watch.Token.IsCancellationRequested));
        Assert.Equal(MigrationErrorCode.DeadlineExceeded, _watch.Verdict?.Code);
        _locks.Hangs = false;
    }

    [Fact]
    public void Told_to_stop_it_is_abandoned_only_after_the_grace()
    {
        Work();
        _stopping.Cancel();
        Pass(TimeSpan.FromSeconds(1));
        Pass(TimeSpan.FromSeconds(3));
        Assert.False(_watch.Abandoned.IsCompleted);
        Pass(TimeSpan.FromSeconds(3));
        Assert.True(_watch.Abandoned.IsCompleted);
        Assert.Null(_watch.Verdict);
    }

    private void Work(Wait? inside = null)
    {
        _watch.Begins(new MigrationScript { Version = Versions.Of("4"), Description = "add", Checksum = "", Header = ScriptHeader.None, File = "migrations/4_add.sql", FullPath = "" }, inside ?? _watch.NewWait(Limits.Lock, MigrationErrorCode.Blocked, TimeSpan.FromMilliseconds(1)));
        _watch.Works(Limits.Migration);
        _watch.StatementStarted(2, 5, 14);
        _watch.Tick();
    }

    private void Pass(TimeSpan time)
    {
        _time.Advance(time);
        _watch.Tick();
    }

    private bool Ticked(bool condition)
    {
        _watch.Tick();
        return condition;
    }

    /// <summary>Locks as the test wants them: what is tested here is the watch, not a database.</summary>
    private sealed class FakeLocks : IMigrationDatabase
    {
        private int _looks;

        public IReadOnlyList<Blocker> Blockers { get; set; } = [];

        public volatile bool Hangs;

        public volatile bool Fails;

        public int Looks => _looks;

        public string Target => "app.db";

        public IReadOnlyList<string> Notes => [];

        public TimeSpan PollInterval => TimeSpan.FromMilliseconds(1);

        public ValueTask<OpenAttempt> TryOpenAsync(SessionPurpose purpose, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<LockDiagnosis> DiagnoseAsync(CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _looks);
            SpinWait.SpinUntil(() => !Hangs);
            if (Fails)
                throw new IOException("nobody answers");
            return ValueTask.FromResult(new LockDiagnosis(new LockReport { Database = "app", DiagnosedAt = default }, Blockers));
        }

        public IAsyncEnumerable<DoctorCheck> CheckAsync(CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
