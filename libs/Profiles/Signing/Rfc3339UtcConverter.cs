using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace StellaOps.Telemetry.Profiles.Signing;

/// <summary>A time in the one form that is signed: RFC 3339, UTC, whole seconds (<c>2026-03-01T12:00:00Z</c>).</summary>
internal sealed class Rfc3339UtcConverter : JsonConverter<DateTimeOffset>
{
    private const string Format = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String
        && DateTimeOffset.TryParseExact(reader.GetString(), Format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : throw new JsonException("not a time such as 2026-03-01T12:00:00Z");

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture));
}
