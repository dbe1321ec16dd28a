using MigrationHost.Databases;

namespace MigrationHost.Masking;

/// <summary>Masks the values that leave as a whole.</summary>
internal static class SecretsExtensions
{
    public static MigrationError In(this Secrets secrets, MigrationError error) => error with
    {
        Message = secrets.In(error.Message),
        Statement = secrets.InOptional(error.Statement),
        Output = error.Output is null ? null : [.. error.Output.Select(secrets.InLine)],
        Hint = secrets.InOptional(error.Hint),
        Problems = [.. error.Problems.Select(problem => problem with { Message = secrets.In(problem.Message) })],
    };

    public static IReadOnlyList<Blocker> In(this Secrets secrets, IReadOnlyList<Blocker> blockers) =>
        [.. blockers.Select(blocker => blocker with
    {
        Program = secrets.InOptional(blocker.Program),
        Resource = secrets.In(blocker.Resource),
        State = secrets.InOptional(blocker.State),
        Statement = secrets.InOptional(blocker.Statement),
        Hint = secrets.InOptional(blocker.Hint),
    })];

    /// <summary>What a tool waits for may quote who is in its way.</summary>
    public static WaitStatus? In(this Secrets secrets, WaitStatus? wait) =>
        wait is null ? null : wait with { What = secrets.In(wait.What), Activity = secrets.In(wait.Activity) };

    public static LockDiagnosis In(this Secrets secrets, LockDiagnosis diagnosis) => diagnosis with
    {
        Report = diagnosis.Report with
        {
            Note = secrets.InOptional(diagnosis.Report.Note),
            Holders = secrets.In(diagnosis.Report.Holders),
            Waiters = [.. diagnosis.Report.Waiters.Select(secrets.In)],
        },
        Blockers = secrets.In(diagnosis.Blockers),
        OwnProgram = secrets.InOptional(diagnosis.OwnProgram),
    };

    public static DoctorCheck In(this Secrets secrets, DoctorCheck check) => check with
    {
        Message = secrets.In(check.Message),
        Remedy = secrets.InOptional(check.Remedy),
    };

    private static LockWaiter In(this Secrets secrets, LockWaiter waiter) =>
        waiter with { Program = secrets.InOptional(waiter.Program), WaitsFor = secrets.In(waiter.WaitsFor) };

    private static string? InOptional(this Secrets secrets, string? text) => text is null ? null : secrets.In(text);
}
