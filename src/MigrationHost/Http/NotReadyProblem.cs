namespace MigrationHost.Http;

/// <summary>The gate's refusal, in the form of <see href="https://www.rfc-editor.org/rfc/rfc9457">RFC 9457</see>.</summary>
internal sealed record NotReadyProblem
{
    public string Type { get; } = "urn:migrationhost:not-ready";

    public string Title { get; } = "The service is not ready: its database is being migrated.";

    public int Status { get; } = 503;

    public required string Detail { get; init; }
}
