using System.Text.Json.Serialization;

namespace MigrationHost.Databases;

/// <summary>The form in which the holder of a turn shows those who wait what it is doing.</summary>
[JsonSerializable(typeof(TurnHolder))]
internal sealed partial class TurnHolderJson : JsonSerializerContext;
