using System.Text.Json.Serialization;

namespace MigrationHost.Databases;

/// <summary>The verdict of one check.</summary>
internal enum DoctorResult
{
    [JsonStringEnumMemberName("ok")]
    Ok,

    [JsonStringEnumMemberName("warning")]
    Warning,

    [JsonStringEnumMemberName("problem")]
    Problem,
}
