namespace MigrationHost.Running;

/// <summary>Something that happens to a run.</summary>
internal abstract record RunEvent
{
    /// <summary>The run does something else from now on.</summary>
    public sealed record Turned(Activity To) : RunEvent;

    /// <summary>What the run does has another name from now on.</summary>
    /// <param name="Budget">Where it counts: if something else is done by now, nothing follows.</param>
    /// <param name="What">The name.</param>
    public sealed record Named(Budget Budget, string What) : RunEvent;

    /// <summary>A wait is seen only now, although it began earlier.</summary>
    /// <param name="To">The wait.</param>
    /// <param name="From">When it began.</param>
    public sealed record FoundWaiting(Activity To, TimeSpan From) : RunEvent;

    /// <summary>Time of some work was a wait that nobody saw.</summary>
    /// <param name="Budget">Where it counts.</param>
    /// <param name="Time">How much.</param>
    /// <param name="InsteadOf">Where it has been counted until now; null if nothing counts there any more.</param>
    public sealed record WaitedUnseen(Budget Budget, TimeSpan Time, Budget? InsteadOf) : RunEvent;

    /// <summary>A budget counts anew: the one that is waited for has made progress.</summary>
    public sealed record Renewed(Budget Budget) : RunEvent;

    /// <summary>What was waited for is granted: nobody is in the way any more.</summary>
    public sealed record Granted(Budget Budget) : RunEvent;

    /// <summary>Nothing counts against a budget any more.</summary>
    public sealed record Closed(Budget Budget) : RunEvent;

    /// <summary>Work went on.</summary>
    public sealed record Progressed : RunEvent;

    /// <summary>A migration begins, or its next statement does; null: it is over.</summary>
    public sealed record Reached(RunningMigration? Migration) : RunEvent;

    /// <summary>Another process says what it does, of which this run is the host.</summary>
    public sealed record Mirrored(RunningMigration? Running, WaitStatus? Waiting) : RunEvent;

    /// <summary>There is evidence of what slow work does, in words; null: there is none.</summary>
    public sealed record Shown(string? Evidence) : RunEvent;

    /// <summary>A look at what is in the way has ended.</summary>
    public sealed record Looked(Finding Finding) : RunEvent;

    /// <summary>Time has passed.</summary>
    public sealed record Ticked : RunEvent;

    /// <summary>The process is told to stop.</summary>
    public sealed record ToldToStop : RunEvent;

    /// <summary>The run has let go of everything, with success or without.</summary>
    public sealed record Over : RunEvent;
}
