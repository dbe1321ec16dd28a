namespace MigrationHost.Databases;

/// <summary>One finding of <c>doctor</c>.</summary>
internal sealed record DoctorCheck
{
    public string? Database { get; init; }
    public required string Check { get; init; }
    public required DoctorResult Result { get; init; }
    public required string Message { get; init; }
    public string? Remedy { get; init; }
    public string? File { get; init; }
    public int? Line { get; init; }

    public static DoctorCheck Ok(string check, string message) => new() { Check = check, Result = DoctorResult.Ok, Message = message };

    public static DoctorCheck Warning(string check, string message, string remedy) =>
        new() { Check = check, Result = DoctorResult.Warning, Message = message, Remedy = remedy };

    public static DoctorCheck Problem(string check, string message, string remedy) =>
        new() { Check = check, Result = DoctorResult.Problem, Message = message, Remedy = remedy };
}
