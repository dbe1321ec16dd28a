using MigrationHost.Scripts;

namespace MigrationHost.Databases;

/// <summary>Something that a database reports to the run while it works.</summary>
internal abstract record Progress
{
    /// <summary>A statement begins.</summary>
    /// <param name="Number">Which, counted from 1.</param>
    /// <param name="Total">Of how many; null if that is not known.</param>
    /// <param name="Line">The line of the script on which it begins; null if that is not known.</param>
    public sealed record Statement(int Number, int? Total, int? Line) : Progress
    {
        /// <summary>What is told of a migration's statement.</summary>
        public static Statement Of(Migration script, int number, int? total, int line)
        {
            var shown = script.Shown(number, total, line);
            return new Statement(shown.Number, shown.Total, shown.Line);
        }
    }

    /// <summary>What a long statement is doing: the evidence that slow is not hung.</summary>
    /// <param name="Activity">In words; null if nothing is known beyond that it runs.</param>
    public sealed record Doing(string? Activity) : Progress;

    /// <summary>
    /// A statement under way is seen to wait inside the server for a lock. That counts against the limit of locks, not of work.
    /// </summary>
    /// <param name="What">What it waits for, in words; null once it continues.</param>
    /// <param name="Waited">For how long it had waited when it was seen.</param>
    public sealed record Waiting(string? What, TimeSpan Waited = default) : Progress;

    /// <summary>The server has ended a statement that waited for a lock for as long as it may.</summary>
    /// <param name="Ran">For how long it ran in all: of that, up to <see cref="IRunProgress.LockAttempt"/> counts
    /// as waited, even if nobody saw it wait.</param>
    public sealed record LockRefused(TimeSpan Ran) : Progress;

    /// <summary>Something was done that an operator should know of.</summary>
    /// <param name="Message">What.</param>
    public sealed record Noted(string Message) : Progress;

    /// <summary>Something was not done as the script says.</summary>
    /// <param name="Message">What, and what to do.</param>
    public sealed record Warned(string Message) : Progress;

    /// <summary>The server has something to say.</summary>
    /// <param name="Severity">NOTICE, WARNING and the like.</param>
    /// <param name="Message">Its text.</param>
    public sealed record Said(string Severity, string Message) : Progress;
}
