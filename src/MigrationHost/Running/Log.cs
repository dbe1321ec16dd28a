using Microsoft.Extensions.Logging;

namespace MigrationHost.Running;

/// <summary>Every log message. Ids and names of the events are stable, and listed in docs/observability.md.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "{Database}: {Migrations} in {Folder}; {Target} is {Place}, {Pending} pending")]
    public static partial void Planned(
        ILogger logger,
        string database,
        string migrations,
        string folder,
        string target,
        string place,
        int pending);

    [LoggerMessage(2, LogLevel.Information, "{Database}: applied {Version} {Description} ({Statements}, {Duration})")]
    public static partial void Applied(
        ILogger logger,
        string database,
        string version,
        string description,
        string statements,
        string duration);

    [LoggerMessage(3, LogLevel.Information, "{Database}: {Ready} after {Duration}, {Applied} applied in this start")]
    public static partial void Ready(ILogger logger, string database, string ready, string duration, int applied);

    [LoggerMessage(4, LogLevel.Warning, "{Database}: {Warning}")]
    public static partial void Warning(ILogger logger, string database, string warning);

    [LoggerMessage(5, LogLevel.Information, "{Database}: {Version} was interrupted after {Done}; continuing with the next")]
    public static partial void Resuming(ILogger logger, string database, string version, string done);

    [LoggerMessage(6, LogLevel.Information, "{Database}: {Version} was applied by {Instance} meanwhile")]
    public static partial void AppliedByOther(ILogger logger, string database, string version, string instance);

    [LoggerMessage(EventId = 7, Message = "{Database}: the server says {Severity}: {Message}")]
    public static partial void ServerSaid(ILogger logger, LogLevel level, string database, string severity, string message);

    [LoggerMessage(8, LogLevel.Information, "{Database}: {Note}")]
    public static partial void Note(ILogger logger, string database, string note);

    [LoggerMessage(26, LogLevel.Information, "{Database}: recorded everything up to {Version} as applied ({Count}) without running it")]
    public static partial void Baselined(ILogger logger, string database, string version, int count);

    [LoggerMessage(9, LogLevel.Warning, "{Database}: the connection was lost: {Why}. Connecting again")]
    public static partial void ConnectionLost(ILogger logger, string database, string why);

    [LoggerMessage(10, LogLevel.Information, "{Database}: waiting for {What}, for at most {Limit}")]
    public static partial void Waiting(ILogger logger, string database, string what, string limit);

    [LoggerMessage(11, LogLevel.Warning, "{Database}: blocked: {Blockers}. Remedy: {Remedy}")]
    public static partial void Blocked(ILogger logger, string database, string blockers, string remedy);

    [LoggerMessage(12, LogLevel.Warning, "{Database}: waiting for {What}; who is in the way is not visible: {Note}")]
    public static partial void BlockedByNobodySeen(ILogger logger, string database, string what, string note);

    [LoggerMessage(13, LogLevel.Information, "{Database}: the wait for {What} ended after {Duration}")]
    public static partial void WaitOver(ILogger logger, string database, string what, string duration);

    /// <summary>Whether an event says how a run ended, as the process says it that has started the run.</summary>
    public static bool SaysHowItEnded(EventId id) => id.Id is FailedEvent or InterruptedEvent;

    private const int FailedEvent = 20;
    private const int InterruptedEvent = 25;

    [LoggerMessage(FailedEvent, LogLevel.Error, "{Database}: {Code}: {Message}{Statement}{Hint}")]
    public static partial void Failed(
        ILogger logger,
        string database,
        MigrationErrorCode code,
        string message,
        string statement,
        string hint);

    [LoggerMessage(21, LogLevel.Error, "{Database}: cancelling: {Message}. It has {Grace} to let go")]
    public static partial void Cancelling(ILogger logger, string database, string message, string grace);

    [LoggerMessage(22, LogLevel.Critical, "{Database}: abandoned: {Message}")]
    public static partial void Abandoned(ILogger logger, string database, string message);

    [LoggerMessage(23, LogLevel.Information, "{Database}: next attempt in {Interval}")]
    public static partial void NextAttempt(ILogger logger, string database, string interval);

    [LoggerMessage(63, LogLevel.Information, "{Database}: begins once one of the databases before it is done")]
    public static partial void WaitsForPlace(ILogger logger, string database);

    [LoggerMessage(24, LogLevel.Critical, "{Database}: unexpected failure")]
    public static partial void Unexpected(ILogger logger, string database, Exception exception);

    [LoggerMessage(InterruptedEvent, LogLevel.Information, "{Database}: {Message}. {Hint}")]
    public static partial void Interrupted(ILogger logger, string database, string message, string hint);

    [LoggerMessage(30, LogLevel.Warning, "{Database}: the diagnosis of its locks failed")]
    public static partial void DiagnosisFailed(ILogger logger, string database, Exception exception);

    [LoggerMessage(31, LogLevel.Critical, "the watchdog has failed: restart the process")]
    public static partial void WatchdogFailed(ILogger logger, Exception exception);

    [LoggerMessage(32, LogLevel.Error, "{Database}: a part of the run could not be closed")]
    public static partial void CancelFailed(ILogger logger, string database, Exception exception);

    [LoggerMessage(33, LogLevel.Warning, "{Count} log lines dropped: the log could not be written fast enough")]
    public static partial void LinesDropped(ILogger logger, int count);

    [LoggerMessage(34, LogLevel.Information, "{Database}: the run that was abandoned has let go")]
    public static partial void LetGo(ILogger logger, string database);

    [LoggerMessage(40, LogLevel.Information, "health and status listen on {Url}")]
    public static partial void Management(ILogger logger, string url);

    [LoggerMessage(41, LogLevel.Error, "stopping the host with exit code {ExitCode}")]
    public static partial void StoppingHost(ILogger logger, int exitCode);

    [LoggerMessage(42, LogLevel.Critical, "the configuration is invalid:\n{Problems}")]
    public static partial void InvalidConfiguration(ILogger logger, string problems);

    [LoggerMessage(43, LogLevel.Critical,
        "the server cannot listen: {Problem}. Correct its address or certificate: --urls, ASPNETCORE_URLS or Kestrel's settings, "
            + "for health and status MigrationHost:ManagementUrl; or end the process that listens there")]
    public static partial void ServerRefused(ILogger logger, string problem);

    [LoggerMessage(44, LogLevel.Critical, "the host failed")]
    public static partial void HostFailed(ILogger logger, Exception exception);

    [LoggerMessage(
        45,
        LogLevel.Information,
        "{Tool} started this application at design time: no database is opened and nothing is migrated")]
    public static partial void DesignTime(ILogger logger, string tool);

    [LoggerMessage(
        46,
        LogLevel.Information,
        "the application maps {Paths} itself: MigrationHost answers there until the databases are ready, the application from then on")]
    public static partial void SharesPaths(ILogger logger, string paths);

    [LoggerMessage(
        47,
        LogLevel.Error,
        "the start of the host was cancelled before the databases were ready: HostOptions.StartupTimeout is over, or its caller gave up")]
    public static partial void StartCancelled(ILogger logger);

    [LoggerMessage(50, LogLevel.Information, "{Database}: starting {Tool} in {Folder}")]
    public static partial void ToolStarts(ILogger logger, string database, string tool, string folder);

    /// <summary>The event of a line that an external tool has written.</summary>
    public const int ToolLineEvent = 51;

    // The logger decides by the event: it may be heard where its level is not.
    [LoggerMessage(ToolLineEvent, LogLevel.Information, "{Database}: {Tool}: {Line}", SkipEnabledCheck = true)]
    public static partial void ToolLine(ILogger logger, string database, string tool, string line);

    /// <summary>What our own child process writes to its stderr.</summary>
    [LoggerMessage(59, LogLevel.Information, "{Database}: child process: {Line}")]
    public static partial void ChildLine(ILogger logger, string database, string line);

    [LoggerMessage(EventId = 57, Message = "{Line}")]
    public static partial void ChildSaid(ILogger logger, LogLevel level, string line);

    [LoggerMessage(58, LogLevel.Warning,
        "{Database}: the child process wrote a line of {Length} characters that is not understood; it is ignored")]
    public static partial void ChildNotUnderstood(ILogger logger, string database, int length);

    [LoggerMessage(52, LogLevel.Information, "{Database}: {Tool} {Outcome} after {Duration}")]
    public static partial void ToolEnded(ILogger logger, string database, string tool, string outcome, string duration);

    [LoggerMessage(53, LogLevel.Warning, "{Database}: {Reason}{Remedy}")]
    public static partial void ToolStalls(ILogger logger, string database, string reason, string remedy);

    [LoggerMessage(54, LogLevel.Information, "{Database}: {Tool} continues")]
    public static partial void ToolGoesOn(ILogger logger, string database, string tool);

    [LoggerMessage(55, LogLevel.Error, "{Database}: {Tool} has left processes that obey no signal: {Pids}")]
    public static partial void ToolLeft(ILogger logger, string database, string tool, string pids);

    [LoggerMessage(61, LogLevel.Information, "{Database}: ran {File} in {Duration}")]
    public static partial void CallbackRan(ILogger logger, string database, string file, string duration);

    [LoggerMessage(62, LogLevel.Information, "{Database}: undid {Version} {Description}")]
    public static partial void Undone(ILogger logger, string database, string version, string description);

    [LoggerMessage(60, LogLevel.Warning, "{Database}: {Tool} gave up waiting for a lock and changed nothing ({Error}); running it again")]
    public static partial void ToolRunsAgain(ILogger logger, string database, string tool, string error);
}
