using System.Text.Json;
using System.Text.Json.Serialization;

namespace MigrationHost.Child;

/// <summary>The form of what a host and its child process tell each other. Not the public form: that one is shortened for readers and may change.</summary>
[JsonSourceGenerationOptions(
    PreferredObjectCreationHandling = JsonObjectCreationHandling.Populate,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ChildMessage))]
[JsonSerializable(typeof(ChildOrder))]
internal sealed partial class ChildJson : JsonSerializerContext
{
    /// <summary>The line that carries a message.</summary>
    public static string Write(ChildMessage message) => JsonSerializer.Serialize(message, Default.ChildMessage);

    /// <summary>Reads one line.</summary>
    /// <returns>The message; null if the line is none.</returns>
    public static ChildMessage? Read(string line)
    {
        try
        {
            var message = JsonSerializer.Deserialize(line, Default.ChildMessage);
            object?[] parts = [message?.Status, message?.Progress, message?.Applied, message?.Log, message?.Summary, message?.Refused];
            return parts.Count(part => part is not null) == 1 ? message : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
