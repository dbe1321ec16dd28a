using System.Buffers;
using System.Text.Json;
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

    /// <summary>What those read who wait for it.</summary>
    /// <remarks>Written without the serializer: to load that takes longer than an ordinary migration, while somebody may wait.</remarks>
    public byte[] ToJson()
    {
        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartObject();
            writer.WriteString(nameof(Instance), Instance);
            writer.WriteString(nameof(Doing), Doing);
            writer.WriteNumber(nameof(Mark), Mark);
            writer.WriteEndObject();
        }
        return json.WrittenSpan.ToArray();
    }
}
