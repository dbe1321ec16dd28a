using System.Text.Json.Serialization;

namespace MigrationHost.Databases.Sqlite;

/// <summary>The form of what a turn file says.</summary>
[JsonSerializable(typeof(TurnHolder))]
internal sealed partial class TurnFileJson : JsonSerializerContext;
