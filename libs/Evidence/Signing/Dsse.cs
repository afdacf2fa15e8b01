using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace StellaOps.Telemetry.Evidence.Signing;

/// <summary>
/// Dead Simple Signing Envelope, one signature (https://github.com/secure-systems-lab/dsse/blob/v1.0.0/envelope.md).
/// </summary>
public static class Dsse
{
    /// <summary>The pre-authentication encoding: <c>DSSEv1 &lt;len&gt; &lt;type&gt; &lt;len&gt; &lt;payload&gt;</c>, which is what a signature covers.</summary>
    public static byte[] PreAuthenticationEncoding(string payloadType, ReadOnlySpan<byte> payload)
    {
        var head = Encoding.UTF8.GetBytes($"DSSEv1 {Encoding.UTF8.GetByteCount(payloadType)} {payloadType} {payload.Length} ");
        var result = new byte[head.Length + payload.Length];
        head.CopyTo(result, 0);
        payload.CopyTo(result.AsSpan(head.Length));
        return result;
    }

    /// <summary>Signs and writes the envelope as JSON (UTF-8).</summary>
    /// <param name="withKeyId">Our own messages name the key; a Sigstore bundle must not (cosign refuses it there).</param>
    public static byte[] Sign(string payloadType, ReadOnlySpan<byte> payload, SigningKey key, bool withKeyId)
    {
        var signature = key.Sign(PreAuthenticationEncoding(payloadType, payload));
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        Write(json, payloadType, payload, withKeyId ? key.KeyId : null, signature);
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Writes an envelope.</summary>
    internal static void Write(Utf8JsonWriter json, string payloadType, ReadOnlySpan<byte> payload, string? keyId, ReadOnlySpan<byte> signature)
    {
        json.WriteStartObject();
        json.WriteBase64String("payload"u8, payload);
        json.WriteString("payloadType"u8, payloadType);
        json.WriteStartArray("signatures"u8);
        json.WriteStartObject();
        if (keyId is not null)
        {
            json.WriteString("keyid"u8, keyId);
        }

        json.WriteBase64String("sig"u8, signature);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Reads an envelope without judging its signature; false when it is not exactly one envelope with one signature.</summary>
    public static bool TryParse(ReadOnlySpan<byte> json, [NotNullWhen(true)] out DsseEnvelope? envelope)
    {
        envelope = null;
        try
        {
            using var document = JsonDocument.Parse(json.ToArray(), new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 8 });
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object
                || root.EnumerateObject().Any(p => p.Name is not ("payload" or "payloadType" or "signatures"))
                || !root.TryGetProperty("payloadType", out var type) || type.ValueKind != JsonValueKind.String
                || !root.TryGetProperty("payload", out var payload) || !StrictBase64.TryRead(payload, out var payloadBytes)
                || !root.TryGetProperty("signatures", out var signatures) || signatures.ValueKind != JsonValueKind.Array || signatures.GetArrayLength() != 1)
            {
                return false;
            }

            var signature = signatures[0];
            if (signature.ValueKind != JsonValueKind.Object
                || signature.EnumerateObject().Any(p => p.Name is not ("keyid" or "sig"))
                || !signature.TryGetProperty("sig", out var sig) || !StrictBase64.TryRead(sig, out var sigBytes))
            {
                return false;
            }

            var keyId = signature.TryGetProperty("keyid", out var id) && id.ValueKind == JsonValueKind.String ? id.GetString() : null;
            envelope = new DsseEnvelope(type.GetString()!, payloadBytes, keyId, sigBytes);
            return true;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The latter is the parser's way to say that a string is no Unicode.
            return false;
        }
    }
}

/// <summary>A parsed envelope, not yet judged.</summary>
public sealed record DsseEnvelope(string PayloadType, ReadOnlyMemory<byte> Payload, string? KeyId, ReadOnlyMemory<byte> Signature)
{
    /// <summary>Whether the signature is this key's over this payload and type.</summary>
    public bool IsSignedBy(VerificationKey key) => key.Verify(Dsse.PreAuthenticationEncoding(PayloadType, Payload.Span), Signature.Span);
}
