using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using StellaOps.Telemetry.Evidence.Signing;

namespace StellaOps.Telemetry.Evidence.Sigstore;

/// <summary>Writes bundles, in one form: <c>verify.sh</c> reads it with a shell's means.</summary>
internal static class SigstoreBundleWriter
{
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Write(SigstoreBundle bundle)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer, s_options);
        json.WriteStartObject();
        json.WriteString("mediaType"u8, SigstoreBundle.MediaType);
        json.WriteStartObject("verificationMaterial"u8);
        if (bundle.Certificate is { } certificate)
        {
            json.WriteStartObject("certificate"u8);
            json.WriteBase64String("rawBytes"u8, certificate.Span);
        }
        else
        {
            json.WriteStartObject("publicKey"u8);
            json.WriteString("hint"u8, bundle.KeyHint);
        }

        json.WriteEndObject();
        WriteTimestamps(json, bundle.Timestamps);
        json.WriteEndObject();
        WriteContent(json, bundle);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteTimestamps(Utf8JsonWriter json, IReadOnlyList<ReadOnlyMemory<byte>> timestamps)
    {
        if (timestamps.Count == 0)
        {
            return;
        }

        json.WriteStartObject("timestampVerificationData"u8);
        json.WriteStartArray("rfc3161Timestamps"u8);
        foreach (var timestamp in timestamps)
        {
            json.WriteStartObject();
            json.WriteBase64String("signedTimestamp"u8, timestamp.Span);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteContent(Utf8JsonWriter json, SigstoreBundle bundle)
    {
        if (bundle.Envelope is { } envelope)
        {
            json.WritePropertyName("dsseEnvelope"u8);
            Dsse.Write(json, envelope.PayloadType, envelope.Payload.Span, envelope.KeyId, envelope.Signature.Span);
            return;
        }

        json.WriteStartObject("messageSignature"u8);
        json.WriteStartObject("messageDigest"u8);
        json.WriteString("algorithm"u8, "SHA2_256"u8);
        json.WriteBase64String("digest"u8, bundle.Message!.Sha256.Span);
        json.WriteEndObject();
        json.WriteBase64String("signature"u8, bundle.Message.Signature.Span);
        json.WriteEndObject();
    }
}
