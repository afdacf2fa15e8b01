using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace StellaOps.Telemetry.Contracts.Tenants;

/// <summary>
/// The name of a tenant: <c>[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?</c>. Safe in a path, a label and a URI by construction.
/// </summary>
[JsonConverter(typeof(TenantIdJsonConverter))]
public readonly record struct TenantId
{
    /// <summary>The longest name, in characters.</summary>
    public const int MaxLength = 63;

    /// <summary>The tenant of the stack's own telemetry.</summary>
    public static readonly TenantId System = new("stella-system");

    private readonly string? _value;

    private TenantId(string value) => _value = value;

    /// <summary>The name; empty for <c>default</c>.</summary>
    public string Value => _value ?? "";

    /// <summary>Reads a name; false when it is not one.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out TenantId tenant)
    {
        if (text is not null && IsValid(text))
        {
            tenant = new TenantId(text);
            return true;
        }

        tenant = default;
        return false;
    }

    /// <summary>Reads a name.</summary>
    /// <exception cref="FormatException">The text is not a tenant name.</exception>
    public static TenantId Parse(string text) => TryParse(text, out var tenant)
        ? tenant
        : throw new FormatException($"'{text}' is not a tenant name: 1 to {MaxLength} of a-z, 0-9 and '-', not beginning or ending with '-'.");

    /// <inheritdoc/>
    public override string ToString() => Value;

    private static bool IsValid(string text)
    {
        if (text.Length is 0 or > MaxLength || text[0] == '-' || text[^1] == '-')
        {
            return false;
        }

        foreach (var c in text)
        {
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '-')
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>A tenant in JSON is its name; a malformed one is a JSON error, so a body with one never reaches a handler.</summary>
public sealed class TenantIdJsonConverter : JsonConverter<TenantId>
{
    /// <inheritdoc/>
    public override TenantId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        TenantId.TryParse(reader.GetString(), out var tenant) ? tenant : throw new JsonException("not a tenant name: [a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, TenantId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
}
