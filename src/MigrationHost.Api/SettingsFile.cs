using System.Text.Json;

namespace MigrationHost.Api;

/// <summary>What is wrong with a settings file that cannot be read as JSON: which file and where in it, quoting none of it.</summary>
internal static class SettingsFile
{
    public static string Problem(InvalidDataException e) => $"{Name(e)} {(Json(e) is { LineNumber: { } line } json
        ? string.Create(System.Globalization.CultureInfo.InvariantCulture,
            $"is not valid JSON: line {line + 1}, character {json.BytePositionInLine + 1}")
        : "cannot be read as settings: is it JSON, with each key once?")}";

    // "Failed to load configuration from file '…'."
    private static string Name(InvalidDataException e) => e.Message.Split('\'') is [_, var name, _] ? name : "a settings file";

    private static JsonException? Json(Exception? e) => e is null or JsonException ? (JsonException?)e : Json(e.InnerException);
}
