using System.Text.Json;

namespace MigrationHost.Tests.Support;

/// <summary>Looks into an answer.</summary>
internal static class JsonElements
{
    /// <param name="element">Where to begin.</param>
    /// <param name="path">Names of fields, and of an array the index.</param>
    public static JsonElement At(this JsonElement element, params object[] path) =>
        path.Aggregate(element, (at, step) => step is int index ? at[index] : at.GetProperty((string)step));

    public static bool IsNull(this JsonElement element) => element.ValueKind == JsonValueKind.Null;
}
