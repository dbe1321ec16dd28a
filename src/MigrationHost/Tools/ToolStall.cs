using MigrationHost.Databases;
using MigrationHost.Platform;

namespace MigrationHost.Tools;

/// <summary>Why a tool neither writes nor computes, as far as can be seen.</summary>
/// <param name="Reason">The reason with its evidence, in words.</param>
/// <param name="Remedy">What to do; null if nobody can say.</param>
internal sealed record ToolStall(string Reason, string? Remedy)
{
    /// <summary>Judges what was seen. In the order of what is most certain.</summary>
    /// <param name="command">The tool.</param>
    /// <param name="advice">What to say to do.</param>
    /// <param name="diagnosis">Who holds what on its database.</param>
    /// <param name="tree">Its processes; null if they are not shown.</param>
    /// <param name="silence">For how long it has been silent.</param>
    public static ToolStall Judge(ToolCommand command, ToolAdvice advice, ToolDiagnosis diagnosis, ProcessTree? tree, TimeSpan silence)
    {
        var blockers = diagnosis.Locks.Blockers;
        if (diagnosis.BlocksItself)
            return new ToolStall(
                $"{command.Name} blocks itself: {BlockerText.Describe(blockers)}, and a second connection of its own seems to wait for it",
                advice.BlocksItself);
        if (blockers.Count > 0)
            return new ToolStall($"{command.Name} is blocked: {BlockerText.Describe(blockers)}", blockers[0].Hint);
        var processes = tree?.Processes ?? [];
        if (processes.FirstOrDefault(process => process.State is 'T' or 't') is { Pid: > 0 } stopped)
            return new ToolStall(
                $"{Who(stopped)} is stopped by a signal (SIGSTOP) or a debugger",
                $"continue it: kill -CONT {stopped.Pid}");
        foreach (var process in processes)
        {
            if (TerminalRead.By(process.Pid) is { } terminal)
                return new ToolStall(
                    $"{Who(process)} waits for input at {terminal}",
                    "run the tool so that it asks no questions: most tools have an option such as --yes or --no-input");
        }
        var holders = diagnosis.Locks.Report.Holders;
        var seen = holders.Count > 0 ? $"{BlockerText.Describe(holders)}, which does not seem to be in its way"
            : diagnosis.Locks.Report.Note ?? "nobody holds a lock on its database";
        return new ToolStall(
            $"{command.Name} is silent: no output and hardly any CPU time for {Duration.Say(Rounded(silence))}; "
                + $"its standard input is empty, so it is not waiting for an answer there; {seen}",
            advice.Silent);
    }

    private static string Who(TreeProcess process) => $"{process.Program} (pid {process.Pid})";

    // One text for a while: what is logged at every change is not to change every second.
    private static TimeSpan Rounded(TimeSpan silence) =>
        TimeSpan.FromSeconds(Math.Pow(2, Math.Floor(Math.Log2(Math.Max(1, silence.TotalSeconds)))));
}
