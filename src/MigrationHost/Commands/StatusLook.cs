namespace MigrationHost.Commands;

/// <summary>A look at the chosen databases that changes nothing.</summary>
/// <param name="Status">What was found, with every problem.</param>
/// <param name="Errors">Why it is not known or not right, in the order of the databases; null for all others.</param>
/// <param name="ExitCode">What <c>status</c> exits with.</param>
internal sealed record StatusLook(MigrationStatus Status, IReadOnlyList<MigrationError?> Errors, int ExitCode)
{
    /// <summary>One database after the other: two names can mean one file.</summary>
    public static async Task<StatusLook> TakeAsync(CommandHost host, string? target)
    {
        var pending = false;
        var errors = new List<MigrationError?>();
        foreach (var run in host.Runs)
        {
            var (some, error) = await run.InspectAsync(target, host.Stopping).ConfigureAwait(false);
            pending |= some;
            errors.Add(error);
        }
        return new StatusLook(
            ErrorText.WithAllProblems(host.State.Current, errors),
            errors,
            host.CodeOf(errors) ?? (pending ? ExitCodes.Pending : ExitCodes.Success));
    }
}
