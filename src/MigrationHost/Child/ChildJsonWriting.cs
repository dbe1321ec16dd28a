using System.Text.Json.Serialization;

namespace MigrationHost.Child;

/// <summary>Writes what <see cref="ChildJson"/> reads. It needs no description of the types at run time, which costs the start of a child a tenth of a second.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(ChildMessage))]
[JsonSerializable(typeof(ChildOrder))]
internal sealed partial class ChildJsonWriting : JsonSerializerContext;
