using MigrationHost.Output;

namespace MigrationHost.Commands;

/// <summary>What a command says: its answer on stdout, what is wrong on stderr. Neither ever holds up the command's work.</summary>
internal static class Answer
{
    /// <summary>How long a command that changes something waits for a reader that takes nothing: its exit code is awaited.</summary>
    public static readonly TimeSpan Short = TimeSpan.FromSeconds(10);

    /// <summary>How long a command waits that has nothing to give but its answer: a person may read it page by page.</summary>
    public static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan AfterStop = TimeSpan.FromSeconds(2);

    /// <summary>Whether the exit code is the whole answer (<c>--quiet</c>).</summary>
    public static bool IsSilent { get; set; }

    /// <summary>A line of the answer, with names and texts of others in it. It is never dropped.</summary>
    public static void WriteLine(string line) => WriteText(PlainText.Line(line));

    /// <summary>Lines of the answer, of which each may have a message of several lines in it. They are never dropped.</summary>
    public static void WriteLines(IEnumerable<string> lines)
    {
        foreach (var line in lines)
            WriteText(PlainText.Lines(line));
    }

    /// <summary>A part of the answer, as it is: all of it is ours, or is not made for people. It is never dropped.</summary>
    public static void WriteText(string text)
    {
        if (!IsSilent)
            StandardOutput.Out.Answer($"{text}\n");
    }

    /// <summary>A text that a newer one of the same kind replaces if the reader is far behind. All of it is ours.</summary>
    public static void Progress(string kind, string text)
    {
        if (!IsSilent)
            StandardOutput.Out.Progress(kind, text);
    }

    /// <summary>The form of what is said on stderr: that of the log, which is there too. Asked when there is something to say.</summary>
    public static Func<LogFormat> Form { get; set; } = () => LogFormat.Text;

    /// <summary>A line on stderr that belongs to the outcome, not to the log. A message in it may have several lines.</summary>
    public static void Complain(string line) =>
        StandardOutput.Error.Answer($"{(Form() == LogFormat.Json ? JsonLines.Complaint(line) : PlainText.Lines(line))}\n");

    /// <summary>Waits until the answer is written, for as long as its reader takes something. Says on stderr if it is not.</summary>
    /// <param name="patience">How long to wait for a reader that takes nothing.</param>
    /// <param name="stop">Ends the wait; the answer then has two seconds left.</param>
    /// <returns>Whether all of it was written.</returns>
    public static async Task<bool> DeliverAsync(TimeSpan patience, CancellationToken stop)
    {
        var written = await StandardOutput.Out.WrittenAsync(patience, stop).ConfigureAwait(false);
        if (!written && stop.IsCancellationRequested)
            written = await StandardOutput.Out.WrittenAsync(patience = AfterStop, CancellationToken.None).ConfigureAwait(false);
        if (StandardOutput.Out.Lost is { } why)
            Complain($"the answer could not be written to stdout: {why}");
        else if (!written)
            Complain($"the answer on stdout is incomplete: nobody has read it for {Duration.Say(patience)}");
        return written && StandardOutput.Out.Lost is null;
    }
}
