namespace MigrationHost.Databases;

/// <summary>All findings of <c>doctor</c>.</summary>
internal sealed record DoctorReport(IReadOnlyList<DoctorCheck> Checks)
{
    public bool Ok => Checks.All(check => check.Result != DoctorResult.Problem);
}
