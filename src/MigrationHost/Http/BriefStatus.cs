namespace MigrationHost.Http;

/// <summary>The status document with phases, counts and codes only.</summary>
internal static class BriefStatus
{
    public static MigrationStatus Of(MigrationStatus status) => status with
    {
        Instance = "",
        Databases = [.. status.Databases.Select(Of)],
    };

    private static DatabaseStatus Of(DatabaseStatus status) => status with
    {
        Target = "",
        Applied = [],
        Pending = [],
        Unknown = [],
        Changed = [],
        Running = null,
        WaitingFor = null,
        Blockers = [],
        Error = status.Error is null ? null : new MigrationError { Code = status.Error.Code, Message = "" },
    };
}
