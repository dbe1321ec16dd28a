using MigrationHost.Tools;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Engines.Alembic;

/// <summary>A question to Alembic under way: a module of the project that does not come back while it is imported shows, is logged,
/// and ends.</summary>
internal sealed class AlembicAsking(string name, ToolProcess process, Timeouts timeouts, TimeProvider time, ILogger logger) : IWatchedWork
{
    private const string What = "Python to say what Alembic would do";

    private readonly long _began = time.GetTimestamp();
    private bool _told;

    /// <summary>Why it was ended; null while it may go on.</summary>
    public MigrationError? Overdue { get; private set; }

    public TimeSpan ToLetGo => timeouts.Grace + TimeSpan.FromSeconds(10);

    public WaitStatus? WaitingFor => time.GetElapsedTime(_began) is var elapsed && elapsed > timeouts.StallAfter
        ? new WaitStatus
        {
            What = What,
            ElapsedMs = (long)elapsed.TotalMilliseconds,
            LimitMs = (long)timeouts.DatabaseWait.TotalMilliseconds,
            Activity = Activity,
        }
        : null;

    private string Activity => process.Look() is { } tree ? $"{Duration.Say(tree.Cpu)} of CPU time" : "waiting";

    public MigrationError? Look()
    {
        var elapsed = time.GetElapsedTime(_began);
        if (!_told && elapsed > timeouts.StallAfter)
        {
            _told = true;
            Log.Waiting(logger, name, What, Duration.Say(timeouts.DatabaseWait));
        }
        if (elapsed >= timeouts.DatabaseWait && !process.Completion.IsCompleted)
            Overdue ??= AlembicErrors.NoAnswer(timeouts.DatabaseWait, Activity);
        return Overdue;
    }

    public void Over()
    {
        if (_told)
            Log.WaitOver(logger, name, What, Duration.Say(time.GetElapsedTime(_began)));
    }
}
