using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace MigrationHost.Child;

/// <summary>The form of what a host and its child process say to each other. It is not the public form, which readers rely on.</summary>
[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Metadata,
    PreferredObjectCreationHandling = JsonObjectCreationHandling.Populate,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ChildMessage))]
[JsonSerializable(typeof(ChildOrder))]
internal sealed partial class ChildJson : JsonSerializerContext
{
    /// <summary>The line that carries a message.</summary>
    public static string Write(ChildMessage message) => JsonSerializer.Serialize(message, ChildJsonWriting.Default.ChildMessage);

    /// <summary>The order, for the environment of the child.</summary>
    public static string Write(ChildOrder order) => JsonSerializer.Serialize(order, ChildJsonWriting.Default.ChildOrder);

    /// <summary>Reads one line.</summary>
    /// <returns>The message; null if the line is none.</returns>
    public static ChildMessage? Read(string line)
    {
        var message = Read(line, Default.ChildMessage);
        object?[] parts = [message?.Status, message?.Progress, message?.Applied, message?.Log, message?.Summary, message?.Refused];
        return parts.Count(part => part is not null) == 1 ? message : null;
    }

    /// <summary>Reads an order.</summary>
    /// <returns>The order; null if the text is none.</returns>
    public static ChildOrder? ReadOrder(string text) => Read(text, Default.ChildOrder);

    private static T? Read<T>(string text, JsonTypeInfo<T> type) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(text, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
