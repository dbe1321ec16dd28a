using System.Text.Json.Serialization;

namespace MigrationHost.Child;

/// <summary>Writes what <see cref="ChildJson"/> reads. It needs no description of the types at run time: the child starts sooner.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(ChildMessage))]
[JsonSerializable(typeof(ChildOrder))]
internal sealed partial class ChildJsonWriting : JsonSerializerContext;
