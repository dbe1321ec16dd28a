using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using MigrationHost.Databases;

namespace MigrationHost.Http;

/// <summary>
/// The JSON that users rely on: camel case, enums by name, nulls and empty lists present, times in UTC with milliseconds.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    Converters = [typeof(UtcConverter)])]
[JsonSerializable(typeof(MigrationStatus))]
[JsonSerializable(typeof(LockReport))]
[JsonSerializable(typeof(IReadOnlyList<LockReport>))]
[JsonSerializable(typeof(DoctorReport))]
[JsonSerializable(typeof(HealthAnswer))]
[JsonSerializable(typeof(NotReadyProblem))]
internal sealed partial class StatusJson : JsonSerializerContext
{
    private sealed class UtcConverter : JsonConverter<DateTimeOffset>
    {
        private const string Form = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.GetDateTimeOffset();

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.UtcDateTime.ToString(Form, CultureInfo.InvariantCulture));
    }
}
