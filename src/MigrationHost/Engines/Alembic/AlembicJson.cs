using System.Text.Json.Serialization;

namespace MigrationHost.Engines.Alembic;

/// <summary>Reads the document that ask.py prints.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(AlembicProject))]
internal sealed partial class AlembicJson : JsonSerializerContext;
