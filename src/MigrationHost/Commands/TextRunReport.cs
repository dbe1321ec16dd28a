using MigrationHost.Running;

namespace MigrationHost.Commands;

/// <summary>One line per migration and a summary, for people. On a terminal the last line shows what is going on right now; elsewhere plain lines say what is waited for.</summary>
internal sealed class TextRunReport : RunReport
{
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(200);

    private readonly bool _terminal = !Console.IsOutputRedirected;
    private readonly Timer? _timer;
    private bool _lineShown;

    public TextRunReport(MigrationState state) : base(state)
    {
        if (_terminal)
            _timer = new Timer(_ => Write(ShowProgress), null, Refresh, Refresh);
    }

    public override void Dispose()
    {
        base.Dispose();
        _timer?.Dispose();
    }

    protected override void WriteApplied(DatabaseStatus status, AppliedMigration migration) =>
        WriteLine($"{status.Name}  applied {migration.Version} {migration.Description}{(migration.DurationMs is { } ms ? $"  {Duration.Say(ms)}" : "")}{(migration.AppliedBy is { } by && by != Instance.Name ? $"  by {by}" : "")}");

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
            WriteLine(error is not null ? ErrorText.Of(status, error)
                : !status.Traits.KnowsMigrations ? $"{status.Name}  {StatusSentence.Of(status)} ({status.Target})"
                : $"{status.Name}  {StatusSentence.Of(status)}, {status.AppliedCount} applied, {status.PendingCount} pending ({status.Target})");
    }

    // The cursor goes back to the line's start, so that whatever is written next (the log, on stderr) takes its place.
    private void ShowProgress()
    {
        var busy = State.Current.Databases.Where(status => status.Phase is > MigrationPhase.Stopped and < MigrationPhase.Ready);
        var line = string.Join(" | ", busy.Select(status => $"{status.Name}  {Progress(status)}"));
        if (line.Length == 0)
            return;
        var width = Console.WindowWidth > 0 ? Console.WindowWidth - 1 : 79;
        Answer.Progress("terminal", $"\e[K{(line.Length <= width ? line : line[..width])}\r");
        _lineShown = true;
    }

    // How long, who and what, in this order: 80 columns are enough for the most of it, and the rest may be cut.
    private static string Progress(DatabaseStatus status) => status switch
    {
        { WaitingFor: { } wait, Blocked: true } => $"{Duration.Say(wait.ElapsedMs)} of {Duration.Say(wait.LimitMs)}: {BlockerText.Who(status.Blockers[0])} holds {status.Blockers[0].Holds}; waiting for {wait.What}",
        { WaitingFor: { } wait } => $"waiting {Duration.Say(wait.ElapsedMs)} of {Duration.Say(wait.LimitMs)} for {wait.What}",
        _ => StatusSentence.Of(status),
    };

    private static void WriteProgress(DatabaseStatus status) => Answer.Progress(status.Name, $"{status.Name}  {StatusSentence.Of(status)}\n");

    private void WriteLine(string line)
    {
        Answer.WriteLine(_lineShown ? $"\e[K{line}" : line);
        _lineShown = false;
    }
}
