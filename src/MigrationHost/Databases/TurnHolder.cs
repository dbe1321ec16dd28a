using System.Text.Json.Serialization;

namespace MigrationHost.Databases;

/// <summary>The instance that has the turn.</summary>
/// <param name="Instance">Its name, <c>host:pid</c>.</param>
/// <param name="Doing">What it says it is doing.</param>
/// <param name="Mark">Changes whenever it makes progress.</param>
internal sealed record TurnHolder(string Instance, string Doing, long Mark)
{
    /// <summary>What to do if it does not hand it on.</summary>
    [JsonIgnore]
    public string? Remedy { get; init; }
}
