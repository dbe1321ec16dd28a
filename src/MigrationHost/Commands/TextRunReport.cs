using MigrationHost.Running;

namespace MigrationHost.Commands;

/// <summary>
/// One line per migration and a summary, for people. On a terminal the last line shows what is going on right now;
/// elsewhere plain lines say what is waited for, and what takes long.
/// </summary>
internal sealed class TextRunReport : RunReport
{
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private readonly bool _terminal = !Console.IsOutputRedirected;
    private readonly Silence _silence = new(TimeProvider.System);
    private readonly Timer _timer;
    private bool _lineShown;

    public TextRunReport(MigrationState state) : base(state) =>
        _timer = _terminal
            ? new Timer(_ => Write(ShowProgress), null, Refresh, Refresh)
            : new Timer(_ => Write(EndSilence), null, Look, Look);

    public override void Dispose()
    {
        base.Dispose();
        _timer.Dispose();
    }

    protected override void WriteApplied(DatabaseStatus status, AppliedMigration migration)
    {
        var duration = migration.DurationMs is { } ms ? $"  {Duration.Say(ms)}" : "";
        var by = migration.AppliedBy is { } other && other != Instance.Name ? $"  by {other}" : "";
        WriteLines([PlainText.Line($"{status.Name}  applied {migration.Version} {migration.Description}{duration}{by}")]);
    }

    protected override void WritePhase(DatabaseStatus status)
    {
        if (status.Phase == MigrationPhase.WaitingForTurn && !_terminal && status.WaitingFor is not null)
            WriteProgress(status);
    }

    protected override void WriteBlocked(DatabaseStatus status)
    {
        if (!_terminal)
            WriteProgress(status);
    }

    protected override void WriteSummary(IReadOnlyList<MigrationError?> errors, int exitCode)
    {
        foreach (var (status, error) in State.Current.Databases.Zip(errors))
            WriteLines(error is not null ? ErrorText.Of(status, error)
                : !status.Traits.KnowsMigrations ? [$"{status.Name}  {StatusSentence.Of(status)} ({status.Target})"]
                : [$"{status.Name}  {StatusSentence.Of(status)}, {status.AppliedCount} applied, "
                    + $"{status.PendingCount} pending ({status.Target})"]);
    }

    private void EndSilence()
    {
        if (!_silence.IsOver())
            return;
        foreach (var status in Busy())
            Say(status);
    }

    private IEnumerable<DatabaseStatus> Busy() =>
        State.Current.Databases.Where(status => status.Phase is > MigrationPhase.Stopped and < MigrationPhase.Ready);

    // The cursor goes back to the line's start, so that whatever is written next (the log, on stderr) takes its place.
    private void ShowProgress()
    {
        var line = PlainText.Line(string.Join(" | ", Busy().Select(status => $"{status.Name}  {Progress(status)}")));
        if (line.Length == 0)
            return;
        var width = Console.WindowWidth > 0 ? Console.WindowWidth - 1 : 79;
        Answer.Progress("terminal", $"\e[K{(line.Length <= width ? line : line[..width])}\r");
        _lineShown = true;
    }

    // How long, who and what, in this order: 80 columns are enough for the most of it, and the rest may be cut.
    private static string Progress(DatabaseStatus status) => status switch
    {
        { WaitingFor: { } wait, Blocked: true } =>
            $"{Duration.Say(wait.ElapsedMs)} of {Duration.Say(wait.LimitMs)}: "
                + $"{BlockerText.Who(status.Blockers[0])} holds {status.Blockers[0].Holds}; waiting for {wait.What}",
        { WaitingFor: { } wait } => $"waiting {Duration.Say(wait.ElapsedMs)} of {Duration.Say(wait.LimitMs)} for {wait.What}",
        _ => StatusSentence.Of(status),
    };

    private void WriteProgress(DatabaseStatus status)
    {
        _silence.Break();
        Say(status);
    }

    private static void Say(DatabaseStatus status) =>
        Answer.Progress(status.Name, $"{PlainText.Lines($"{status.Name}  {StatusSentence.Of(status)}")}\n");

    private void WriteLines(IEnumerable<string> lines)
    {
        if (_lineShown)
            Answer.Progress("terminal", "\e[K");
        Answer.WriteLines(lines);
        _lineShown = false;
        _silence.Break();
    }
}
