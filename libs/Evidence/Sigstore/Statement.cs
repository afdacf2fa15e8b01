using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using StellaOps.Telemetry.Evidence.Canonical;

namespace StellaOps.Telemetry.Evidence.Sigstore;

/// <summary>An in-toto Statement v1 (https://github.com/in-toto/attestation/blob/v1.1.0/spec/v1/statement.md).</summary>
public sealed record Statement(
    [property: JsonPropertyName("_type")] string Type,
    IReadOnlyList<StatementSubject> Subject,
    string PredicateType,
    JsonElement Predicate)
{
    /// <summary>The one type that is written and read.</summary>
    public const string StatementType = "https://in-toto.io/Statement/v1";

    /// <summary>Its DSSE payload type.</summary>
    public const string PayloadType = "application/vnd.in-toto+json";

    /// <summary>Canonical JSON.</summary>
    public byte[] ToJson() => CanonicalJson.Serialize(this, SigstoreJson.Default.Statement);

    /// <summary>Reads a statement; false on another type, unknown fields, and subjects without exactly one sha256.</summary>
    public static bool TryParse(ReadOnlySpan<byte> json, [NotNullWhen(true)] out Statement? statement)
    {
        statement = null;
        try
        {
            var read = JsonSerializer.Deserialize(json, SigstoreJson.Default.Statement);
            if (read is not { Type: StatementType, Subject.Count: > 0 } || read.Subject.Any(s => s.Name.Length == 0 || !IsSha256(s.Digest.Sha256)))
            {
                return false;
            }

            statement = read;
            return true;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The latter is the parser's way to say that a string is no Unicode.
            return false;
        }
    }

    private static bool IsSha256(string text) => text.Length == 64 && !text.AsSpan().ContainsAnyExcept("0123456789abcdef");
}

/// <summary>What a statement is about.</summary>
public sealed record StatementSubject(string Name, StatementDigest Digest);

/// <summary>A subject's digest, lower-case hex.</summary>
public sealed record StatementDigest(string Sha256);

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    PropertyNameCaseInsensitive = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(Statement))]
internal sealed partial class SigstoreJson : JsonSerializerContext;
