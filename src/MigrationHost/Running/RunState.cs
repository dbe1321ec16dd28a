namespace MigrationHost.Running;

/// <summary>
/// The state of a run: what it does, against which budget that counts, what is in its way, how it is to end. A value;
/// <see cref="On"/> is the only way from one to the next.
/// </summary>
/// <remarks>Times are those since the run began. Whatever the run does has a budget, and one that is used up ends the run.</remarks>
internal sealed partial record RunState
{
    /// <summary>A look that was taken so lately is not repeated.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    /// <summary>Looking again at a known blocker may take one per cent of the time, but the finding is never older than this.</summary>
    private static readonly TimeSpan OldestIfDear = TimeSpan.FromSeconds(5);
    private const int RestPerLook = 100;

    /// <summary>How long a run whose time is up may continue for the sake of one more look.</summary>
    private static readonly TimeSpan LongestLastLook = TimeSpan.FromSeconds(1.5);

    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(1);

    /// <summary>A failure that names nobody is worth another look.</summary>
    private static readonly TimeSpan LongestSecondLook = TimeSpan.FromSeconds(2);

    private static readonly IReadOnlyList<RunEffect> Nothing = [];

    public required TimeSpan StallAfter { get; init; }

    public required TimeSpan Grace { get; init; }

    /// <summary>What the run does.</summary>
    public required Activity Now { get; init; }

    /// <summary>When the present stretch of it began.</summary>
    public TimeSpan Since { get; private init; }

    /// <summary>When work last went on.</summary>
    public TimeSpan ProgressAt { get; private init; }

    /// <summary>The evidence that slow work is not hung, in words.</summary>
    public string? Evidence { get; private init; }

    /// <summary>The last wait, for as long as its next round may follow at once.</summary>
    public Activity? LastWait { get; private init; }

    /// <summary>The run does not get on; null while it does.</summary>
    public Stall? Stall { get; private init; }

    /// <summary>Since when the budget of <see cref="Now"/> is used up: a last look is under way.</summary>
    public TimeSpan? OverdueSince { get; private init; }

    public Ending? Ending { get; private init; }

    public bool IsOver { get; private init; }

    public RunningMigration? Running { get; private init; }

    private (RunningMigration? Running, WaitStatus? Waiting) Mirror { get; init; }

    private TimeSpan RunningSince { get; init; }

    private Account[] Accounts { get; init; } = [];

    /// <summary>How much of a budget is spent.</summary>
    public TimeSpan Spent(Budget budget, TimeSpan now)
    {
        var before = AccountOf(budget)?.Spent ?? TimeSpan.Zero;
        return budget == Now.Budget && !IsOver ? before + (now - Since) : before;
    }

    /// <summary>What follows from an event.</summary>
    public (RunState Next, IReadOnlyList<RunEffect> Effects) On(RunEvent happened, TimeSpan now) =>
        IsOver ? (this, Nothing)
        : Ending is not null ? WhileEnding(happened, now)
        : happened switch
        {
            RunEvent.Turned(var to) => TurnTo(to, now),
            RunEvent.Named(var budget, var what) when budget == Now.Budget && what != Now.What => Name(what),
            RunEvent.FoundWaiting(var to, var from) =>
                (Charged(Later(Since, from)) with { Now = to, Since = Later(Since, from), LastWait = to }, Nothing),
            RunEvent.WaitedUnseen(var budget, var time, var other) when budget != Now.Budget =>
                (other is null ? With(budget, time) : With(budget, time).With(other, -time), Nothing),
            RunEvent.Renewed(var budget) => Renew(budget, now),
            RunEvent.Granted(var budget) => Grant(budget, now),
            RunEvent.Closed(var budget) => Close(budget, now),
            RunEvent.Progressed => Now.Resumes is { } work ? GoOn(work, now) : (this with { ProgressAt = now }, Nothing),
            RunEvent.Reached(var migration) => (Reach(migration, now), Nothing),
            RunEvent.Mirrored(var running, var waiting) => (this with { Mirror = (running, waiting) }, Nothing),
            RunEvent.Shown(var evidence) => (this with { Evidence = evidence }, Nothing),
            RunEvent.Looked(var finding) => Learn(finding, now),
            RunEvent.Ticked => Tick(now),
            RunEvent.ToldToStop => (Charged(now) with { Ending = new Ending(null, now, Now.ToLetGo ?? Grace) }, Nothing),
            RunEvent.Over => (Charged(now) with { IsOver = true }, Nothing),
            _ => (this, Nothing),
        };

    private (RunState, IReadOnlyList<RunEffect>) WhileEnding(RunEvent happened, TimeSpan now)
    {
        var ending = Ending!;
        return happened switch
        {
            RunEvent.Ticked when !ending.Abandoned && now - ending.Since > ending.ToLetGo =>
                (this with { Ending = ending with { Abandoned = true } }, [new RunEffect.Abandon()]),

            // A tool has ended within a grace of its own: what else there is to let go gets one too.
            RunEvent.Turned({ ToLetGo: null } to) when Now.ToLetGo is not null =>
                (this with { Now = to, Ending = ending with { Since = now, ToLetGo = Grace } }, Nothing),
            RunEvent.Over => (Charged(now) with { IsOver = true }, Nothing),
            _ => (this, Nothing),
        };
    }

    private (RunState, IReadOnlyList<RunEffect>) TurnTo(Activity to, TimeSpan now)
    {
        var next = this with
        {
            Accounts = Charge(Now.Budget, now - Since),
            Since = now,
            Now = to,
            ProgressAt = now,
            Evidence = null,
            LastWait = to.Waits ? to : LastWait,
            OverdueSince = to.Budget == Now.Budget ? OverdueSince : null,
        };

        // One wait after another is another stall; work in between may only be the next round.
        return to.Waits && Stall is not null && Stall.Activity.Budget != to.Budget ? next.EndStall(now)
            : (to.Waits && Stall is not null ? next with { Stall = Stall with { Activity = to } } : next, Nothing);
    }

    /// <summary>Work that a look had found held up continues: that it does is known, not guessed.</summary>
    private (RunState, IReadOnlyList<RunEffect>) GoOn(Activity work, TimeSpan now) =>
        (TurnTo(work, now).Item1 with { LastWait = null }).EndStall(now);

    private (RunState, IReadOnlyList<RunEffect>) Name(string what)
    {
        var next = this with { Now = Now with { What = what } };
        return Stall is null ? (next, Nothing)
            : (next with { Stall = Stall with { Activity = next.Now } }, [new RunEffect.SayWaiting(what, Now.Budget.Limit)]);
    }

    private (RunState, IReadOnlyList<RunEffect>) Renew(Budget budget, TimeSpan now)
    {
        var next = this with { Accounts = Without(budget), Since = budget == Now.Budget ? now : Since };
        if (budget != Now.Budget)
            return (next, Nothing);
        next = next with { OverdueSince = null, Stall = Stall is null ? null : Stall with { Latest = null, Named = null } };
        return (next, Stall is { Latest.Names: true } ? [new RunEffect.Clear()] : Nothing);
    }

    private (RunState, IReadOnlyList<RunEffect>) Grant(Budget budget, TimeSpan now)
    {
        var next = LastWait?.Budget == budget ? this with { LastWait = null } : this;
        return Stall?.Activity.Budget == budget ? next.EndStall(now) : (next, Nothing);
    }

    private (RunState, IReadOnlyList<RunEffect>) Close(Budget budget, TimeSpan now)
    {
        var (next, effects) = Grant(budget, now);
        return (next.IndexOf(budget) < 0 ? next : next with { Accounts = next.Without(budget) }, effects);
    }

    private RunState Reach(RunningMigration? migration, TimeSpan now) => this with
    {
        Running = migration,
        RunningSince = migration?.Version == Running?.Version ? RunningSince : now,
        ProgressAt = now,
        Evidence = null,
    };

    private (RunState, IReadOnlyList<RunEffect>) Learn(Finding finding, TimeSpan now)
    {
        if (Stall is not { Looking: true } stall)
            return (this, Nothing);
        var useless = finding.Failed && stall.Latest is { Failed: false };
        var next = this with
        {
            Stall = stall with
            {
                Looking = false,
                Looks = stall.Looks + 1,
                Latest = useless ? stall.Latest : finding,
                Named = finding.Names ? finding : stall.Named,
                Said = useless ? stall.Said : finding.Key,
            },
        };
        if (useless)
            return (next, Nothing);

        // Work that a look finds held up has waited since it last went on; work that nobody holds up continues.
        if (finding.Names && Now.WhenBlocked is { } wait)
            next = next.On(new RunEvent.FoundWaiting(wait with { Resumes = Now }, ProgressAt), now).Next;
        else if (!finding.Names && !finding.Failed && Now.Resumes is { } work)
            next = next.TurnTo(work, now).Item1 with { ProgressAt = ProgressAt };
        IReadOnlyList<RunEffect> say = finding.Key != stall.Said && finding.Key.Length > 0 ? [new RunEffect.SayFound(finding)] : Nothing;
        return (next, [new RunEffect.Show(finding), .. say]);
    }

    private (RunState, IReadOnlyList<RunEffect>) Tick(TimeSpan now) =>
        Spent(Now.Budget, now) >= Now.Budget.Limit ? TickOverdue(now)
        : LastWait is not null && !Now.Waits && now - Since > StallAfter ? (this with { LastWait = null }).EndStall(now)
        : IsStalled(now) ? TickStalled(now)
        : LastWait is null ? EndStall(now)
        : (this, Nothing);

    private bool IsStalled(TimeSpan now) => Now.Kind switch
    {
        ActivityKind.Waiting => Spent(Now.Budget, now) > StallAfter,
        ActivityKind.Trying => now - Since > (Now.StallAfter ?? StallAfter),
        _ => now - ProgressAt > (Now.StallAfter ?? StallAfter),
    };

    private (RunState, IReadOnlyList<RunEffect>) TickStalled(TimeSpan now)
    {
        var stall = Stall ?? new Stall(Now);

        // What a tool is held up by is said once it is known.
        IReadOnlyList<RunEffect> say = Stall is null && Now.WhenBlocked is null
            ? [new RunEffect.SayWaiting(Now.What, Now.Budget.Limit)]
            : Nothing;
        var (looking, look) = Look(stall, Rest(stall), now);
        return (this with { Stall = looking }, [.. say, .. look]);
    }

    /// <summary>The time is up: a last look, then the verdict.</summary>
    private (RunState, IReadOnlyList<RunEffect>) TickOverdue(TimeSpan now)
    {
        var stall = Stall ?? new Stall(Now);
        if (OverdueSince is not { } since)
        {
            var (first, look) = Look(stall with { Looks = 0 }, TimeSpan.Zero, now);
            return Now.Lookout is null || !IsStalled(now) && !Now.Waits
                ? Condemn(now)
                : (this with { OverdueSince = now, Stall = first }, look);
        }
        var nobody = stall is { Best: null or { Names: false, Failed: true } };
        if (!stall.Looking && stall.Looks == 1 && nobody)
        {
            var (second, look) = Look(stall, TimeSpan.Zero, now, LongestSecondLook);
            return (this with { Stall = second }, look);
        }
        var longest = stall.Looks == 0 ? LongestLastLook : LongestLastLook + LongestSecondLook;
        return stall.Looking && now - since < longest ? (this, Nothing) : Condemn(now);
    }

    private (Stall, IReadOnlyList<RunEffect>) Look(Stall stall, TimeSpan unlessWithin, TimeSpan now, TimeSpan? longest = null) =>
        Now.Lookout is not { } lookout || stall.Looking || stall.LookedAt is { } last && now - last < unlessWithin
            ? (stall, Nothing)
            : (
                stall with { Looking = true, LookedAt = now },
                [new RunEffect.Look(lookout, stall.Latest is null ? TimeSpan.Zero : unlessWithin, longest ?? LongestLook)]);

    private static TimeSpan Rest(Stall stall)
    {
        var rest = stall.Latest is { Names: true } known ? known.Took * RestPerLook : LookEvery;
        return rest < LookEvery ? LookEvery : rest < OldestIfDear ? rest : OldestIfDear;
    }

    private (RunState, IReadOnlyList<RunEffect>) Condemn(TimeSpan now)
    {
        var verdict = new Verdict(Now, Stall?.Best, Running);
        var next = Charged(now) with { Ending = new Ending(verdict, now, Now.ToLetGo ?? Grace) };
        return (next, [.. verdict.Finding is { } finding ? [new RunEffect.Show(finding)] : Nothing, new RunEffect.Cancel(verdict)]);
    }

    private (RunState, IReadOnlyList<RunEffect>) EndStall(TimeSpan now) => Stall is not { } stall ? (this, Nothing) : (
        this with { Stall = null },
        [
            new RunEffect.SayOver(stall, Spent(stall.Activity.Budget, now)),
            .. stall.Latest is { Names: true } ? [new RunEffect.Clear()] : Nothing,
        ]);

    /// <summary>The present stretch counts against its budget, up to this moment.</summary>
    private RunState Charged(TimeSpan now) => this with { Accounts = Charge(Now.Budget, now - Since), Since = now };

    private RunState With(Budget budget, TimeSpan more) => this with { Accounts = Charge(budget, more) };

    private Account[] Charge(Budget budget, TimeSpan more)
    {
        if (IndexOf(budget) is not (>= 0 and var at))
            return [.. Accounts, new Account(budget, more)];
        Account[] charged = [.. Accounts];
        charged[at] = new Account(budget, charged[at].Spent + more);
        return charged;
    }

    private Account[] Without(Budget budget) =>
        IndexOf(budget) is >= 0 and var at ? [.. Accounts[..at], .. Accounts[(at + 1)..]] : Accounts;

    private Account? AccountOf(Budget budget) => IndexOf(budget) is >= 0 and var at ? Accounts[at] : null;

    // Asked a dozen times for each migration, among three or so.
    private int IndexOf(Budget budget)
    {
        for (var i = 0; i < Accounts.Length; i++)
        {
            if (Accounts[i].Budget == budget)
                return i;
        }
        return -1;
    }

    private static TimeSpan Later(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
