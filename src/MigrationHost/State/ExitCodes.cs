namespace MigrationHost;

/// <summary>Exit codes of the commands, as the README lists them.</summary>
internal static class ExitCodes
{
    public const int Success = 0;
    public const int Unexpected = 1;
    public const int InvalidConfiguration = 2;
    public const int Pending = 10;
    public const int LocksHeld = 11;
    public const int DoctorFoundProblem = 12;
    public const int InterruptedBySigInt = 130;
    public const int InterruptedBySigTerm = 143;

    public static int Of(MigrationErrorCode code) => code switch
    {
        MigrationErrorCode.InvalidConfiguration => InvalidConfiguration,
        MigrationErrorCode.DatabaseUnreachable => 3,
        MigrationErrorCode.MigrationFailed => 4,
        MigrationErrorCode.Blocked => 5,
        MigrationErrorCode.DeadlineExceeded => 6,
        MigrationErrorCode.HistoryMismatch => 7,
        MigrationErrorCode.ToolFailed => 8,
        MigrationErrorCode.Interrupted => InterruptedBySigTerm,
        _ => Unexpected,
    };
}
